// One libSQL database and the ways isolates reach it: every call takes time there and back, so that isolates
// interleave; it may be busy, and an answer may be lost after the work was done.
import type { Client, InStatement } from '@libsql/client';
import { drizzle } from 'drizzle-orm/libsql';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import type { Db } from '#db/db.ts';
import * as schema from '#db/schema.ts';
import { MIGRATIONS } from '#test/support/platform.ts';
import type { VirtualClock } from './clock.ts';
import { MemoryClient } from './memory.ts';
import type { Random } from './random.ts';

/** An isolate from its start to its end, as the database sees it. */
export interface Connected {
  dead: boolean;
  /** When the database did not take what it was to write down of a message that was sent. */
  unrecorded: number[];
  /** Infinity while it lives. */
  diedAt: number;
  /** May end the isolate: before or after its write. */
  writing: (when: 'before' | 'after', statements: readonly InStatement[]) => void;
}

export interface DatabaseTrouble {
  busy: number;
  losesAnswer: number;
  slowMs: number;
}

const MIGRATED = readMigrationFiles({ migrationsFolder: MIGRATIONS });

const NO_TROUBLE: DatabaseTrouble = { busy: 0, losesAnswer: 0, slowMs: 0 };

export class Database {
  readonly client: MemoryClient;
  trouble: DatabaseTrouble = NO_TROUBLE;
  /** How slow it is at the best of times. */
  usualMs = 0;
  /** Everything is done at once: while a world is set up. */
  instant = true;
  /** Looks at the database after each write, before anything else happens. */
  wrote: (statements: string[]) => Promise<void> = () => Promise.resolve();
  readonly #clock: VirtualClock;
  readonly #random: Random;

  private constructor(client: MemoryClient, clock: VirtualClock, random: Random) {
    this.client = client;
    this.#clock = clock;
    this.#random = random;
  }

  static open(clock: VirtualClock, random: Random): Database {
    const client = new MemoryClient();
    for (const { sql } of MIGRATED) for (const each of sql) client.script(each);
    return new Database(client, clock, random);
  }

  heal(): void {
    this.trouble = { ...NO_TROUBLE, slowMs: this.usualMs };
  }

  async rows(sql: string, args: Array<string | number> = []) {
    return (await this.client.execute({ sql, args })).rows;
  }

  /** A connection of its own for one life of an isolate. */
  connect(life: Connected): Db {
    const client = {
      execute: (statement: InStatement) =>
        this.#call(life, [statement], 'read', () => this.client.execute(statement)),
      batch: (statements: InStatement[], mode: 'read' | 'write') =>
        this.#call(life, statements, mode, () => this.client.batch(statements, mode)),
      close: () => undefined,
    };
    return drizzle(client as unknown as Client, { schema });
  }

  #call<T>(
    life: Connected,
    statements: InStatement[],
    mode: 'read' | 'write',
    run: () => Promise<T>,
  ): Promise<T> {
    const { busy, losesAnswer, slowMs } = this.trouble;
    const wayMs = () => (this.instant ? 0 : this.#random.int(0, slowMs));
    return new Promise((resolve, reject) => {
      const answer = (give: () => void) => {
        this.#clock.after(wayMs(), () => {
          if (!life.dead) give();
        });
      };
      if (life.dead) return;
      this.#clock.after(wayMs(), async () => {
        if (life.dead) return;
        if (mode === 'write') life.writing('before', statements);
        if (life.dead) return;
        if (this.#random.chance(busy)) {
          if (statements.some(isReceipt)) life.unrecorded.push(this.#clock.nowMs);
          const error = Object.assign(new Error('database is locked'), { code: 'SQLITE_BUSY' });
          return answer(() => reject(error));
        }
        let result: T;
        try {
          result = await run();
        } catch (error) {
          return answer(() => reject(error));
        }
        if (mode === 'write') {
          await this.wrote(statements.map((each) => (typeof each === 'string' ? each : each.sql)));
          life.writing('after', statements);
        }
        if (this.#random.chance(losesAnswer)) {
          return answer(() => reject(new Error('the connection to the database was lost')));
        }
        answer(() => resolve(result));
      });
    });
  }
}

function isReceipt(statement: InStatement): boolean {
  return (
    typeof statement === 'object' && /^update delivery set status = 'sent'/.test(statement.sql)
  );
}
