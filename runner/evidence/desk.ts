// Which readings evidence is wanted of, and its way to the worker: one pack when a check turns for this runner, one
// when it comes back. It goes after the results, one at a time, and is dropped rather than in the way of anything.
import { type Status, statusOf } from '#core/level.ts';
import type { Evidence, EvidencePack, Turn } from '#core/wire/evidence.ts';
import type { Result } from '#core/wire/results.ts';
import type { Client } from '../client.ts';
import type { RunnerPlatform } from '../platform.ts';
import type { Wanted } from './seen.ts';

/** Packs of readings that are not confirmed yet, and those that wait to be sent: of more, the first are enough. */
const MOST_PENDING = 64;
const MOST_WAITING = 64;
/** What could not be sent for so long tells of an incident that is understood or over. */
const GOOD_FOR_MS = 30 * 60_000;
/** A worker that knows no evidence is asked again after this: it may have been upgraded, and counts wrong tokens. */
const UNKNOWN_FOR_MS = 3_600_000;

export class EvidenceDesk {
  readonly #platform: Pick<RunnerPlatform, 'monotonicMs' | 'log' | 'route'>;
  readonly #client: Pick<Client, 'evidence'>;
  /** Checks held as degraded or down. */
  readonly #bad = new Set<number>();
  /** Of the first reading that contradicts what is held, by check. */
  readonly #pending = new Map<number, EvidencePack>();
  #waiting: Array<{ pack: EvidencePack; sinceMs: number; hasRoute: boolean }> = [];
  #sending = false;
  #notBeforeMs = Number.NEGATIVE_INFINITY;

  constructor(
    platform: Pick<RunnerPlatform, 'monotonicMs' | 'log' | 'route'>,
    client: Pick<Client, 'evidence'>,
  ) {
    this.#platform = platform;
    this.#client = client;
  }

  /** Of the next reading of a check, if it contradicts what is held; undefined = of none. */
  wanted(checkId: number): Wanted | undefined {
    if (this.#pending.has(checkId) || this.#pending.size >= MOST_PENDING) return undefined;
    if (this.#platform.monotonicMs() < this.#notBeforeMs) return undefined;
    return this.#bad.has(checkId) ? 'good' : 'bad';
  }

  /** A reading counts; `status` is what is held with it. */
  take(result: Result, status: Status, evidence: Evidence | undefined): void {
    const { checkId } = result;
    if (result.blind || result.level === null) return;
    const wasBad = this.#bad.has(checkId);
    const isGood = statusOf(result.level) === 'up';
    if (isGood !== wasBad) this.#pending.delete(checkId);
    else if (evidence && !this.#pending.has(checkId)) {
      this.#pending.set(checkId, packOf(result, wasBad ? 'recovery' : 'failure', evidence));
    }
    if (status === 'unknown' || (status !== 'up') === wasBad) return;
    if (wasBad) this.#bad.delete(checkId);
    else this.#bad.add(checkId);
    const pack = this.#pending.get(checkId);
    this.#pending.delete(checkId);
    if (pack) this.#queue(pack);
  }

  /** Forgets all but these checks. */
  keep(ids: ReadonlySet<number>): void {
    for (const id of this.#bad) if (!ids.has(id)) this.#bad.delete(id);
    for (const id of this.#pending.keys()) if (!ids.has(id)) this.#pending.delete(id);
  }

  /** Results have just been taken, so the worker is there: what waits may follow. */
  send(): void {
    if (this.#sending || this.#waiting.length === 0) return;
    if (this.#platform.monotonicMs() < this.#notBeforeMs) return;
    this.#sending = true;
    this.#sendAll().finally(() => {
      this.#sending = false;
    });
  }

  #queue(pack: EvidencePack): void {
    if (this.#waiting.length >= MOST_WAITING) this.#waiting.pop();
    this.#waiting.push({ pack, sinceMs: this.#platform.monotonicMs(), hasRoute: false });
  }

  /** As far as they are taken; what the worker will never take is dropped. */
  async #sendAll(): Promise<void> {
    for (;;) {
      const now = this.#platform.monotonicMs();
      this.#waiting = this.#waiting.filter(({ sinceMs }) => now - sinceMs < GOOD_FOR_MS);
      const [next] = this.#waiting;
      if (!next) return;
      if (!next.hasRoute) {
        next.hasRoute = true;
        next.pack = await this.#withRoute(next.pack);
      }
      const outcome = await this.#client.evidence(next.pack);
      // One from before there was evidence takes the call for somebody else's, and the token for a wrong one.
      if (outcome.type === 'refused') return this.#pause();
      if (outcome.type === 'later' && outcome.status === 404) return this.#pause();
      if (outcome.type === 'later') return;
      this.#waiting = this.#waiting.filter((each) => each !== next);
      if ('why' in outcome) {
        this.#platform.log('warn', `evidence was not taken: ${outcome.why}`);
      }
    }
  }

  /** The way to what failed, looked at now: a few seconds after, never before the results were told. */
  async #withRoute(pack: EvidencePack): Promise<EvidencePack> {
    const { peer, addresses } = pack.seen;
    const address = peer ?? addresses[0];
    if (pack.turn !== 'failure' || address === undefined) return pack;
    const route = (await this.#platform.route?.(address).catch(() => null)) ?? null;
    return route === null ? pack : { ...pack, seen: { ...pack.seen, route } };
  }

  #pause(): void {
    this.#platform.log('debug', 'the worker takes no evidence; it is asked again in an hour');
    this.#notBeforeMs = this.#platform.monotonicMs() + UNKNOWN_FOR_MS;
    this.#waiting = [];
    this.#pending.clear();
  }
}

function packOf(result: Result, turn: Turn, seen: Evidence): EvidencePack {
  const { checkId, at, level, code, text } = result;
  return { v: 1, checkId, turn, at: Math.round(at), level: level ?? 100, code, text, seen };
}
