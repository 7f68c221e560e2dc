// What this runner tells of itself, with a post now and then.
import type { RunnerHealth } from '#core/wire/health.ts';
import type { RunnerPlatform } from './platform.ts';

/** With every flush, which may be a little early. */
const EVERY_MS = 14_000;

/** What others know, asked when it is told. */
type Parts = Omit<RunnerHealth, 'cpu' | 'rssBytes'>;

export class HealthReport {
  readonly #platform: Pick<RunnerPlatform, 'monotonicMs' | 'usage'>;
  readonly #parts: () => Parts;
  #toldMs = Number.NEGATIVE_INFINITY;
  /** What is told at once when it changes. */
  #told = '';
  #cpu: { atMs: number; usedMs: number } | null = null;

  constructor(platform: Pick<RunnerPlatform, 'monotonicMs' | 'usage'>, parts: () => Parts) {
    this.#platform = platform;
    this.#parts = parts;
  }

  /** The report when its time has come or something changed; null otherwise. */
  due(): RunnerHealth | null {
    const nowMs = this.#platform.monotonicMs();
    const parts = this.#parts();
    const urgent = urgentOf(parts);
    if (nowMs - this.#toldMs < EVERY_MS && urgent === this.#told) return null;
    this.#toldMs = nowMs;
    this.#told = urgent;
    return { ...parts, ...this.#usage(nowMs) };
  }

  #usage(nowMs: number): Pick<RunnerHealth, 'cpu' | 'rssBytes'> {
    const used = this.#platform.usage?.();
    if (!used) return { cpu: null, rssBytes: null };
    const before = this.#cpu;
    this.#cpu = { atMs: nowMs, usedMs: used.cpuMs };
    const passedMs = before === null ? 0 : nowMs - before.atMs;
    const cpu = before === null || passedMs <= 0 ? null : (used.cpuMs - before.usedMs) / passedMs;
    return { cpu: cpu === null ? null : Math.max(0, cpu), rssBytes: used.rssBytes };
  }
}

function urgentOf({ blindSinceAt, canaries, rejected, checks }: Parts): string {
  return JSON.stringify([
    blindSinceAt,
    canaries.map(({ name, ok }) => [name, ok]),
    rejected.count,
    checks,
  ]);
}
