// Looks at the canaries in rounds and knows whether this runner may trust what it sees of others.
import * as z from 'zod';
import type { CanaryHealth } from '#core/wire/health.ts';
import type { Clock } from '../clock.ts';
import type { RunnerPlatform } from '../platform.ts';
import { type CanaryState, COUNTS_FOR_MS, counts } from './canary.ts';
import { Round } from './round.ts';

const FILE = 'canaries.json';
const EVERY_MS = 30_000;
/** A runner that is blind looks more often. */
const BLIND_EVERY_MS = 5000;
/** A round is over after this, and readings wait no longer for it. */
const ANSWER_MS = 1900;
/** A round that began this shortly before serves too. */
const KEEP_MS = 1000;
/** What is on disk may be this old. */
const SAVE_EVERY_MS = 600_000;
const MAX_TOLD = 10;

const storedSchema = z.record(z.string(), z.number());

interface Given {
  platform: Pick<RunnerPlatform, 'canaries' | 'disk' | 'log' | 'monotonicMs' | 'setTimer'>;
  clock: Clock;
  /** It became blind, or sees again. */
  changed: () => void;
}

export class CanaryWatch {
  readonly #given: Given;
  #states: CanaryState[] = [];
  /** By name: when each last answered. */
  #okAt = new Map<string, number>();
  #savedMs = Number.NEGATIVE_INFINITY;
  #round: { startedMs: number; sees: Promise<boolean> } | null = null;
  #goodMs = Number.NEGATIVE_INFINITY;
  #concludedMs = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | null = null;
  #stopped = false;
  /** Since when it does not see, epoch ms; null = it does. */
  blindSinceAt: number | null = null;

  constructor(given: Given) {
    this.#given = given;
  }

  /** Takes up when each canary last answered, and begins to look. */
  async start(): Promise<void> {
    if (!this.#given.platform.canaries) return;
    await this.#load();
    this.#tick();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  /**
   * Whether what was just seen to fail may be believed: true at once when a round a moment ago was good or nothing is
   * watched, false at once while blind; else a promise of the round that is now made, within two seconds.
   */
  trust(): boolean | Promise<boolean> {
    if (!this.#given.platform.canaries || this.#stopped) return true;
    if (this.blindSinceAt !== null) return false;
    if (this.#given.platform.monotonicMs() - this.#goodMs <= KEEP_MS) return true;
    return this.#look();
  }

  /** As the worker is told: those of the last round, and the clock. */
  health(): CanaryHealth[] {
    const { clock } = this.#given;
    const now = clock.now();
    const told = this.#states.slice(0, MAX_TOLD).map((state) => ({
      name: state.name.slice(0, 100),
      ok: state.ok === true,
      counts: counts(state, now),
      at: state.okAt === null ? null : Math.max(0, Math.round(state.okAt)),
    }));
    return [...told, { name: 'clock', ok: !clock.inDoubt, counts: true, at: null }];
  }

  #tick(): void {
    if (!this.#stopped) this.#look().then(() => this.#tickLater());
  }

  #tickLater(): void {
    if (this.#stopped) return;
    const inMs = this.blindSinceAt === null ? EVERY_MS : BLIND_EVERY_MS;
    this.#cancel?.();
    this.#cancel = this.#given.platform.setTimer(inMs, () => this.#tick());
  }

  /** The round that began a moment ago, else a new one. */
  #look(): Promise<boolean> {
    const startedMs = this.#given.platform.monotonicMs();
    if (this.#round === null || startedMs - this.#round.startedMs > KEEP_MS) {
      this.#round = { startedMs, sees: this.#ask(startedMs) };
    }
    return this.#round.sees;
  }

  async #ask(startedMs: number): Promise<boolean> {
    const { platform, clock } = this.#given;
    const canaries = (await platform.canaries?.().catch(() => [])) ?? [];
    const round = new Round(canaries, this.#okAt, () => clock.now());
    const cancel = platform.setTimer(ANSWER_MS, () => round.end());
    round.over.then(() => {
      cancel();
      this.#states = round.states;
      this.#remember(round.states);
    });
    const sees = await round.sees;
    this.#conclude(sees, startedMs);
    return sees;
  }

  #conclude(sees: boolean, startedMs: number): void {
    const { platform, clock, changed } = this.#given;
    // A round that took long knows less than one that began after it.
    if (this.#stopped || startedMs < this.#concludedMs) return;
    this.#concludedMs = startedMs;
    if (sees) this.#goodMs = startedMs;
    if (sees === (this.blindSinceAt === null)) return;
    this.blindSinceAt = sees ? null : Math.round(clock.now());
    const words = sees
      ? 'the network is back: what fails counts again'
      : 'no canary answers: this network is not to be trusted, what fails does not count';
    platform.log('warn', words);
    this.#tickLater();
    changed();
  }

  async #load(): Promise<void> {
    try {
      const bytes = await this.#given.platform.disk.read(FILE);
      const stored = storedSchema.parse(JSON.parse(Buffer.from(bytes ?? '{}').toString('utf8')));
      this.#okAt = new Map(Object.entries(stored));
    } catch {
      // They will answer again.
    }
  }

  /** On disk soon enough that a restart knows which ones count. */
  #remember(states: readonly CanaryState[]): void {
    const { platform, clock } = this.#given;
    let isNew = false;
    for (const { name, okAt } of states) {
      if (okAt === null) continue;
      isNew ||= !this.#okAt.has(name);
      this.#okAt.set(name, okAt);
    }
    const nowMs = platform.monotonicMs();
    if (!isNew && nowMs - this.#savedMs < SAVE_EVERY_MS) return;
    this.#savedMs = nowMs;
    const since = clock.now() - COUNTS_FOR_MS;
    for (const [name, okAt] of this.#okAt) if (okAt < since) this.#okAt.delete(name);
    const bytes = Buffer.from(JSON.stringify(Object.fromEntries(this.#okAt)));
    platform.disk.replace(FILE, bytes).catch((error: Error) => {
      platform.log('warn', `cannot write ${FILE}: ${error.message}`);
    });
  }
}
