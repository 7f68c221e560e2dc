// The instant channel of a process: the runners that are connected to it, and what rings them.
import { LOOK, PING, PING_EVERY_MS, PONG } from '#core/wire/channel.ts';
import { admit } from '#worker/ingest/admit.ts';
import type { Platform } from '#worker/platform.ts';

/** A socket as Node and Bun both have it. */
export interface Line {
  send: (text: string) => unknown;
  close: () => void;
}

/** Other processes write into the same database: this often it is looked at for what they left for our runners. */
const LOOK_EVERY_MS = 1000;
const QUIET_FOR_MS = 3 * PING_EVERY_MS;

export class Bell {
  /** By runner; each line with when it was last heard. */
  readonly #lines = new Map<number, Map<Line, number>>();
  readonly #shared: boolean;
  #platform: Platform | null = null;
  #timer: NodeJS.Timeout | undefined;
  /** What was there for each runner when it was last looked at. */
  #known = new Map<number, string>();

  /** `shared`: other processes may work on the same database. */
  constructor({ shared }: { shared: boolean }) {
    this.#shared = shared;
  }

  open(platform: Platform): void {
    this.#platform = platform;
  }

  stop(): void {
    clearTimeout(this.#timer);
    for (const lines of this.#lines.values()) for (const line of lines.keys()) line.close();
    this.#lines.clear();
  }

  /** Whose upgrade this is, or why not. */
  async admit(request: Request): Promise<number | Response> {
    if (this.#platform === null) return new Response('starting', { status: 503 });
    return admit(this.#platform, request);
  }

  joined(runnerId: number, line: Line): void {
    const lines = this.#lines.get(runnerId) ?? new Map<Line, number>();
    lines.set(line, Date.now());
    this.#lines.set(runnerId, lines);
    // What came between its last post and now.
    line.send(LOOK);
    this.#timer ??= setTimeout(() => this.#watch(), LOOK_EVERY_MS);
  }

  heard(runnerId: number, line: Line, text: string): void {
    this.#lines.get(runnerId)?.set(line, Date.now());
    if (text === PING) line.send(PONG);
  }

  left(runnerId: number, line: Line): void {
    const lines = this.#lines.get(runnerId);
    lines?.delete(line);
    if (lines?.size === 0) this.#lines.delete(runnerId);
  }

  ring(ids: readonly number[] | 'all'): void {
    for (const id of ids === 'all' ? [...this.#lines.keys()] : ids) {
      for (const line of this.#lines.get(id)?.keys() ?? []) line.send(LOOK);
    }
  }

  async #watch(): Promise<void> {
    for (const [id, lines] of this.#lines) {
      for (const [line, at] of lines) {
        if (Date.now() - at <= QUIET_FOR_MS) continue;
        line.close();
        this.left(id, line);
      }
    }
    if (this.#shared && this.#lines.size > 0) {
      await this.#lookAround().catch((error: Error) =>
        this.#platform?.log('debug', `the instant channel could not look around: ${error.message}`),
      );
    }
    const again = this.#lines.size > 0;
    this.#timer = again ? setTimeout(() => this.#watch(), LOOK_EVERY_MS) : undefined;
  }

  /** One row a connected runner: the newest configuration it must fetch, and until when something waits for it. */
  async #lookAround(): Promise<void> {
    if (this.#platform === null) return;
    const { rows } = await this.#platform.db.$client.execute({
      sql: `select id, config_version, asks_until, confirm from runner
            where id in (select value from json_each(?)) order by id`,
      args: [JSON.stringify([...this.#lines.keys()])],
    });
    const before = this.#known;
    this.#known = new Map(
      rows.map(({ id, config_version, asks_until, confirm }) => [
        Number(id),
        `${config_version} ${asks_until} ${confirm}`,
      ]),
    );
    const changed = [...this.#known].filter(([id, mark]) => (before.get(id) ?? mark) !== mark);
    this.ring(changed.map(([id]) => id));
  }
}
