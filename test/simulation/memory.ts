// libSQL in memory, as @libsql/client drives it, but with statements kept: preparing them anew each time would be a
// quarter of a run.
import type { InArgs, InStatement, InValue, ResultSet, Row } from '@libsql/client';
import Libsql from 'libsql';

interface Prepared {
  statement: ReturnType<Libsql.Database['prepare']>;
  /** Null = it gives no rows. */
  columns: string[] | null;
}

export class MemoryClient {
  readonly #db = new Libsql(':memory:');
  readonly #prepared = new Map<string, Prepared>();

  async execute(statement: InStatement): Promise<ResultSet> {
    return this.#run(statement);
  }

  async batch(statements: readonly InStatement[], mode: 'read' | 'write'): Promise<ResultSet[]> {
    this.#run(mode === 'write' ? 'BEGIN IMMEDIATE' : 'BEGIN DEFERRED');
    try {
      const results = statements.map((each) => this.#run(each));
      this.#run('COMMIT');
      return results;
    } catch (error) {
      this.#run('ROLLBACK');
      throw error;
    }
  }

  /** A whole script, for migrations. */
  script(sql: string): void {
    this.#db.exec(sql);
  }

  close(): void {
    this.#prepared.clear();
    this.#db.close();
  }

  #run(statement: InStatement): ResultSet {
    const { sql, args = [] } = typeof statement === 'string' ? { sql: statement } : statement;
    const { statement: prepared, columns } = this.#prepare(sql);
    const bound = bind(args);
    if (columns === null) {
      const { changes } = prepared.run(bound);
      return { rows: [], columns: [], rowsAffected: changes } as unknown as ResultSet;
    }
    const rows = (prepared.all(bound) as unknown[][]).map(rowMaker(columns));
    return { rows, columns, rowsAffected: 0 } as unknown as ResultSet;
  }

  #prepare(sql: string): Prepared {
    const known = this.#prepared.get(sql);
    if (known) return known;
    const statement = this.#db.prepare(sql);
    let columns: string[] | null = null;
    try {
      statement.raw(true);
      columns = statement.columns().map(({ name }) => name);
    } catch {
      // raw() refuses a statement that gives no rows.
    }
    const prepared = { statement, columns };
    this.#prepared.set(sql, prepared);
    return prepared;
  }
}

function bind(args: InArgs): unknown[] {
  if (!Array.isArray(args)) throw new Error('named arguments are not used here');
  return args.map(plainValue);
}

function plainValue(value: InValue): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value);
  return typeof value === 'boolean' ? Number(value) : value;
}

type MakeRow = (values: unknown[]) => Row;

/** Rows are read by name, and by number where names repeat. */
function rowMaker(columns: readonly string[]): MakeRow {
  return (values) => {
    const row: Record<string, unknown> = {};
    Object.defineProperty(row, 'length', { value: values.length });
    for (const [index, name] of columns.entries()) {
      const value = values[index];
      const given = Buffer.isBuffer(value) ? Uint8Array.from(value).buffer : value;
      if (!(name in row)) row[name] = given;
      Object.defineProperty(row, index, { value: given });
    }
    return row as unknown as Row;
  };
}
