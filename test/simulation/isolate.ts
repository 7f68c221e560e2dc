// A worker process or isolate: the real app and the real clockwork, with a memory of its own that a crash wipes out.

import type { InStatement } from '@libsql/client';
import type { HttpAnswer, HttpCall } from '#runner/platform.ts';
import { app } from '#worker/app.ts';
// Loaded when first asked: here before, since how long loading takes is the machine's affair.
import '#worker/office.ts';
import type { Config, Platform } from '#worker/platform.ts';
import { type Clockwork, startClockwork } from '../../bin/server/clockwork.ts';
import type { Bell } from './bell.ts';
import type { Chats } from './chats.ts';
import type { VirtualClock } from './clock.ts';
import type { Connected, Database } from './database.ts';
import { Random } from './random.ts';
import type { Story } from './story.ts';

interface Given {
  seed: string;
  clock: VirtualClock;
  story: Story;
  database: Database;
  chats: Chats;
  config: Config;
  tickMs: number;
  bell: Bell | null;
}

/** One life; its calls to the database end with it. */
export interface IsolateLife extends Connected {
  platform: Platform;
  clockwork: Clockwork | null;
  requests: Set<() => void>;
}

/** When an isolate dies, and what dies with it. */
export interface Doom {
  /** So many writes later; `unjudged`: with a post stored whose judgement was to follow. */
  writes: number;
  when: 'before' | 'after' | 'unjudged';
  /** Told whose post it was, where that is known. */
  dies?: (runnerId: number | null) => void;
}

export class Isolate {
  readonly name: string;
  /** Dies at a write to come. */
  doomed: Doom | null = null;
  wellSince = 0;
  /** When it last left a judgement to the tick, having lost five races. */
  gaveUpAt = Number.NEGATIVE_INFINITY;
  readonly #given: Given;
  #life: IsolateLife | null = null;
  #lives = 0;

  constructor(given: Given, name: string) {
    this.#given = given;
    this.name = name;
  }

  get isRunning(): boolean {
    return this.#life !== null;
  }

  start(): void {
    if (this.#life) return;
    this.#lives++;
    this.wellSince = this.#given.clock.nowMs;
    const life: IsolateLife = {
      dead: false,
      unrecorded: [],
      diedAt: Number.POSITIVE_INFINITY,
      writing: (when, statements) => this.#writing(life, when, statements),
      platform: {} as Platform,
      clockwork: null,
      requests: new Set(),
    };
    life.platform = this.#platform(life);
    this.#life = life;
    this.#given.story.tell(`${this.name} starts`);
    life.clockwork = startClockwork(life.platform, this.#given.tickMs);
  }

  crash(): void {
    const life = this.#life;
    if (!life) return;
    life.dead = true;
    life.diedAt = this.#given.clock.nowMs;
    this.#life = null;
    this.doomed = null;
    this.#given.story.tell(`${this.name} dies`);
    for (const end of life.requests) end();
  }

  /** One request; rejects when the isolate dies meanwhile. */
  handle({ method, url, headers, body }: HttpCall): Promise<HttpAnswer> {
    const life = this.#life;
    if (!life) return Promise.reject(new Error('connection refused'));
    return new Promise((resolve, reject) => {
      const end = () => reject(new Error('connection reset'));
      life.requests.add(end);
      const { pathname, search } = new URL(url);
      const init = { method, headers, ...(body !== null && { body: new Uint8Array(body) }) };
      this.#answer(life, pathname + search, init)
        .then(resolve, reject)
        .finally(() => life.requests.delete(end));
    });
  }

  async #answer(life: IsolateLife, path: string, init: RequestInit): Promise<HttpAnswer> {
    const response = await app.request(path, init, life.platform);
    const headers = Object.fromEntries(response.headers);
    return { status: response.status, headers, body: new Uint8Array(await response.arrayBuffer()) };
  }

  #writing(life: IsolateLife, when: 'before' | 'after', batch: readonly InStatement[]): void {
    const { doomed } = this;
    if (!doomed || life !== this.#life) return;
    const runnerId = storedUnjudged(batch);
    if (doomed.when === 'unjudged') {
      if (when === 'before' || runnerId === null) return;
    } else if (doomed.when !== when || doomed.writes-- > 0) return;
    this.crash();
    doomed.dies?.(runnerId);
  }

  #platform(life: IsolateLife): Platform {
    const { seed, clock, story, database, chats, config, bell } = this.#given;
    const random = new Random(`${seed} isolate ${this.name} ${this.#lives}`);
    return {
      db: database.connect(life),
      now: () => clock.nowMs,
      random: (n) => random.bytes(n),
      fetch: (input, init) => chats.fetch(life, input, init),
      defer: (work) => {
        work().then(
          () => life.clockwork?.nudge(),
          (error: Error) => story.tell(`${this.name} deferred: ${error.message}`),
        );
      },
      config,
      ...(bell && { ring: (ids: readonly number[] | 'all') => bell.ring(ids) }),
      log: (level, message, fields) => {
        if (life.dead) return;
        if (message.startsWith('judging lost')) this.gaveUpAt = clock.nowMs;
        const error = fields?.error ?? fields?.message ?? '';
        story.tell(`${this.name} ${level}: ${message}${error ? ` (${error})` : ''}`);
      },
    };
  }
}

/** The runner whose post a batch stores, where its judgement is still to follow. */
function storedUnjudged([first, ...rest]: readonly InStatement[]): number | null {
  if (typeof first !== 'object' || !/^update view set posted_at/.test(first.sql)) return null;
  const judges = rest.some((each) => typeof each === 'object' && /from shard_state/.test(each.sql));
  const key = Array.isArray(first.args) ? Number(first.args.at(-2)) : Number.NaN;
  return judges && Number.isInteger(key) ? key % 2 ** 20 : null;
}
