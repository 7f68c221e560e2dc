// The dead-man: looks at the worker now and then, and when it is gone tells people by channels of the runner's own.
// Each message is preceded by a look, so that nothing is told that is over.
import { backoffMs } from '#core/backoff.ts';
import {
  alarmMessage,
  clearMessage,
  type DeadmanState,
  delivered,
  owedNow,
  type Rank,
  type Speaker,
  stepDeadman,
  type Trouble,
} from '#core/deadman.ts';
import type { OwnMessage } from '../channels/channel.ts';
import type { OwnChannels } from '../channels/own.ts';
import { type RunnerPlatform, random01 } from '../platform.ts';
import type { Reach } from '../posting/reach.ts';
import { lookAtWorker } from './look.ts';
import { speech } from './speech.ts';
import { readDeadman, type Stored, writeDeadman } from './store.ts';

const EVERY_MS = 30_000;
const LOOK_TIMEOUT_MS = 10_000;
const SETTLE_MS = 60_000;
/** Posts that do not get through for so long, while the worker answers, are not taken. */
const STALE_MS = 120_000;
const RETRY = { baseMs: 5000, maxMs: 300_000 };

/** What the runner's owner set. */
export interface DeadmanSetUp {
  settings: { channels: readonly string[]; afterMs: number };
  channels: OwnChannels;
  telegramApiUrl: string | null;
}

interface Given extends DeadmanSetUp {
  platform: RunnerPlatform;
  url: string;
  runner: string;
  /** Where it stands and its turn, as the worker last said. */
  place: () => { location: string; rank: Rank | null };
  reach: Reach;
  /** Whether this machine's own network works. */
  sees: () => boolean | Promise<boolean>;
  /** The worker's time as far as known. */
  now: () => number;
}

export class Deadman {
  readonly #given: Given;
  readonly #rule: { afterMs: number; settleMs: number; channels: readonly string[] };
  readonly #everyMs: number;
  #stored: Stored | null = null;
  #saved = '';
  #writing: Promise<void> = Promise.resolve();
  #lookedMs: number | null = null;
  /** Since when the worker answers, by the monotonic clock; null = it does not. */
  #answersSinceMs: number | null = null;
  readonly #startedMs: number;
  readonly #retries = new Map<string, { attempts: number; notBeforeMs: number }>();
  #cancel: () => void = () => {};
  #stopped = false;

  constructor(given: Given) {
    const { afterMs, channels } = given.settings;
    this.#given = given;
    this.#everyMs = Math.min(EVERY_MS, afterMs / 6);
    const settleMs = Math.min(SETTLE_MS, afterMs / 3);
    this.#rule = {
      afterMs,
      settleMs,
      channels: channels.filter((name) => given.channels.has(name)),
    };
    this.#startedMs = given.platform.monotonicMs();
  }

  async start(): Promise<void> {
    const { platform, channels } = this.#given;
    const stored = await readDeadman(platform.disk);
    this.#saved = JSON.stringify(stored);
    this.#stored = withChannels(stored, (name) => channels.has(name));
    this.#lookIn(this.#everyMs);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  #lookIn(ms: number): void {
    if (this.#stopped) return;
    this.#cancel = this.#given.platform.setTimer(ms, () => {
      this.#look()
        .catch((error: Error) => {
          this.#given.platform.log('error', `dead-man: ${error.message}`);
        })
        .then(() => this.#lookIn(this.#everyMs));
    });
  }

  async #look(): Promise<void> {
    const { platform, reach, sees, now } = this.#given;
    const refused = reach.refusedAs;
    // A runner that was shut out is nobody to tell of the worker; one that is not even known any more is.
    if (this.#stored === null || (refused !== null && refused !== 'unknown_runner')) return;
    const trouble = await this.#trouble();
    const canSee = trouble === null || (await sees());
    if (this.#stopped) return;
    const nowMs = platform.monotonicMs();
    const passedMs = this.#lookedMs === null ? 0 : nowMs - this.#lookedMs;
    this.#lookedMs = nowMs;
    const before = this.#stored.state;
    const most = 3 * this.#everyMs + 2 * LOOK_TIMEOUT_MS;
    const seen = { trouble, sees: canSee, passedMs: Math.min(passedMs, most), now: now() };
    const state = stepDeadman(before, seen, this.#rule, this.#given.place().rank);
    this.#say(before, state);
    await this.#keep({ ...this.#stored, state });
    const { what, channels } = owedNow(state, canSee);
    await Promise.all(channels.map((name) => this.#tell(what, name)));
  }

  async #trouble(): Promise<Trouble | null> {
    const { platform, url, reach } = this.#given;
    const timeoutMs = Math.min(LOOK_TIMEOUT_MS, Math.max(1000, this.#everyMs));
    const found = await lookAtWorker(platform, url, timeoutMs);
    const nowMs = platform.monotonicMs();
    if (found !== null) {
      this.#answersSinceMs = null;
      return found;
    }
    this.#answersSinceMs ??= nowMs;
    const { failed } = reach;
    const goodMs = reach.goodMs ?? this.#startedMs;
    const stale = nowMs - goodMs > Math.min(STALE_MS, (this.#rule.afterMs * 2) / 3);
    // Posts wait for a while after the worker is back: only one that failed since then says something.
    if (!stale || failed === null || failed.atMs < Math.max(goodMs, this.#answersSinceMs)) {
      return null;
    }
    return { kind: 'not_ingesting', what: `it answers, but takes no results: ${failed.why}` };
  }

  #say(before: DeadmanState, after: DeadmanState): void {
    const { log } = this.#given.platform;
    if (before.alarm === null && after.alarm !== null) {
      log('warn', `dead-man: the worker is gone (${after.trouble?.what}); telling people`);
    } else if (before.alarm !== null && after.alarm === null) {
      log('info', 'dead-man: the worker is back');
    }
  }

  async #tell(what: 'alarm' | 'clear', name: string): Promise<void> {
    const { platform, channels, telegramApiUrl, now } = this.#given;
    const retry = this.#retries.get(name) ?? { attempts: 0, notBeforeMs: 0 };
    const message = this.#message(what);
    if (message === null || platform.monotonicMs() < retry.notBeforeMs) return;
    const { request } = platform;
    const result = await channels.send(name, message, { request, telegramApiUrl });
    if (this.#stored === null) return;
    const { state, failures } = this.#stored;
    if (result.ok) {
      this.#retries.delete(name);
      const { [name]: _, ...others } = failures;
      platform.log('info', `dead-man: told ${name} (${result.receipt})`);
      await this.#keep({ state: delivered(state, what, name), failures: others });
      return;
    }
    const attempts = retry.attempts + 1;
    const waitMs = backoffMs(attempts, {
      baseMs: Math.min(RETRY.baseMs, this.#everyMs),
      maxMs: RETRY.maxMs,
      random01: random01(platform),
    });
    const notBeforeMs = platform.monotonicMs() + Math.max(waitMs, result.afterMs ?? 0);
    this.#retries.set(name, { attempts, notBeforeMs });
    platform.log('warn', `dead-man: ${name} took no message: ${result.error}; trying on`);
    const failure = { at: Math.round(now()), error: result.error };
    await this.#keep({ state, failures: { ...failures, [name]: failure } });
  }

  #message(what: 'alarm' | 'clear'): OwnMessage | null {
    const state = this.#stored?.state;
    const { url, runner, place } = this.#given;
    const speaker: Speaker = { url, runner, ...place() };
    if (state === undefined) return null;
    if (what === 'alarm') {
      return speech(alarmMessage(state, speaker, this.#rule), speaker, state.sinceAt ?? 0);
    }
    if (state.clear === null) return null;
    return speech(clearMessage(state.clear, speaker), speaker, state.clear.sinceAt);
  }

  /** On disk before anything is sent, and again as soon as it is. */
  #keep(stored: Stored): Promise<void> {
    this.#stored = stored;
    this.#writing = this.#writing.then(() => this.#save());
    return this.#writing;
  }

  async #save(): Promise<void> {
    const { disk, log } = this.#given.platform;
    const stored = this.#stored;
    const text = JSON.stringify(stored);
    if (stored === null || text === this.#saved) return;
    try {
      await writeDeadman(disk, stored);
      this.#saved = text;
    } catch (error) {
      log('warn', `dead-man: cannot be kept on disk: ${(error as Error).message}`);
    }
  }
}

/** Without channels that the file does not have any more: nobody can be told by them. */
function withChannels({ state, failures }: Stored, has: (name: string) => boolean): Stored {
  const { alarm, clear } = state;
  const left = (names: readonly string[]) => names.filter(has);
  return {
    state: {
      ...state,
      alarm: alarm && { told: left(alarm.told), owed: left(alarm.owed) },
      clear: clear && { ...clear, owed: left(clear.owed) },
    },
    failures: Object.fromEntries(Object.entries(failures).filter(([name]) => has(name))),
  };
}
