// Tells the worker what there is on this runner's own machine, and again when that changes.
import type { AnnouncedCheck } from '#core/wire/host.ts';
import type { Client } from './client.ts';
import type { RunnerPlatform } from './platform.ts';

/** How often it looks whether something was added or removed. */
const LOOK_EVERY_MS = 5000;
const RETRY_MS = 30_000;
/** Is there while the worker may have a host of this runner: without one to tell of, it is told so once. */
const MARK = 'announced';

/** All there is now; null = it cannot be told at the moment, and what was told last stays. */
export type Look = () => Promise<AnnouncedCheck[] | null>;

interface Given {
  platform: Pick<RunnerPlatform, 'disk' | 'log' | 'setTimer'>;
  client: Pick<Client, 'announce'>;
  /** Of the host. */
  name: string;
  /** Null = this runner tells nothing of its machine. */
  look: Look | null;
}

export class Announcer {
  readonly #given: Given;
  #told: string | null = null;
  #failure: string | null = null;
  #cancel: () => void = () => undefined;
  #stopped = false;

  constructor(given: Given) {
    this.#given = given;
  }

  async start(): Promise<void> {
    const { look, platform } = this.#given;
    if (look === null && (await platform.disk.read(MARK)) === null) return;
    this.#again(0);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  #again(afterMs: number): void {
    if (this.#stopped) return;
    this.#cancel = this.#given.platform.setTimer(afterMs, async () => {
      const failure = await this.#round();
      if (failure !== null && failure !== this.#failure) {
        this.#given.platform.log(
          'warn',
          `the worker does not know of this machine yet: ${failure}`,
        );
      }
      this.#failure = failure;
      if (failure !== null) this.#again(RETRY_MS);
      else if (this.#given.look !== null) this.#again(LOOK_EVERY_MS);
    });
  }

  /** Null, or why the worker was not told. */
  async #round(): Promise<string | null> {
    const { look, name, client, platform } = this.#given;
    const checks = look === null ? [] : await look();
    if (checks === null) return null;
    const text = JSON.stringify(checks);
    if (text === this.#told) return null;
    if (checks.length > 0) await platform.disk.replace(MARK, new Uint8Array(0));
    const outcome = await client.announce({ name, checks });
    if (outcome.type !== 'ok') return 'why' in outcome ? outcome.why : outcome.type;
    this.#told = text;
    if (checks.length === 0) await platform.disk.remove(MARK);
    const { made, changed, removed } = outcome.answer;
    if (made + changed + removed > 0) {
      const words = `${made} checks made, ${changed} changed, ${removed} removed`;
      platform.log('info', `the host of this machine: ${words}`);
    }
    return null;
  }
}
