// A process of its own: for each runner a worker that assigns the checks and takes what is posted.
import type { RunnerHealth } from '#core/wire/health.ts';
import { assigned, FakeWorker } from '#test/support/fakeWorker.ts';
import { configOf, type Kind, placeOf } from './plan.ts';

export type Order =
  /** Kinds take turns. */
  | { open: readonly Aim[]; count: number; code: string; intervalMs: number; named?: boolean }
  /** What came in of a time, once; what is older is forgotten. */
  | { stored: string; fromAt: number; toAt: number }
  | { report: string; fromAt: number; toAt: number };

interface Aim {
  kind: Kind;
  port: number;
}

export interface Stored {
  /** Readings on the grid. */
  checks: number;
  notUp: number;
  reason: string | null;
  /** Slots it says it left out since its start. */
  skipped: number;
  /** How late the runner says that it woke for its last few hundred checks, p99. */
  wokeLateMs: number | null;
}

/** What came in of a time. */
export interface Report {
  url: string;
  /** Readings on the grid. */
  checks: number;
  notUp: number;
  /** The first reason of those that were not up. */
  reason: string | null;
  /** By index of the check. */
  rttUs: Record<number, number>;
  health: RunnerHealth | null;
  violations: string[];
}

const workers = new Map<string, FakeWorker>();

async function open(order: Extract<Order, { open: readonly Aim[] }>): Promise<string> {
  const worker = new FakeWorker(Date.now);
  worker.codes.add(order.code);
  worker.checks = Array.from({ length: order.count }, (_, index) => {
    const { kind, port } = order.open[index % order.open.length] as Aim;
    return assigned(index + 1, {
      ...placeOf(index),
      config: configOf(kind, index, port, order.named),
      intervalMs: order.intervalMs,
      timeoutMs: 5000,
    });
  });
  const { url } = await worker.listen();
  workers.set(url, worker);
  return url;
}

function report({ report: url, fromAt, toAt }: Extract<Order, { report: string }>): Report {
  const worker = workers.get(url);
  if (!worker) throw new Error(`no worker at ${url}`);
  const rttUs: Record<number, number> = {};
  let checks = 0;
  let notUp = 0;
  let reason: string | null = null;
  for (const { checkId, at, rttUs: us, level, code, text, extra } of worker.results) {
    if (at < fromAt || at >= toAt || extra) continue;
    checks++;
    if (us !== null) rttUs[checkId - 1] = us;
    if (level === null || level > 199) {
      notUp++;
      reason ??= `${code} ${text}`;
    }
  }
  // The last word of a runner is about the time since the one before, which ended within the measurement.
  const health = worker.taken.findLast(({ envelope }) => envelope.runner)?.envelope.runner ?? null;
  const { violations } = worker;
  return { url, checks, notUp, reason, rttUs, health, violations };
}

function stored({ stored: url, fromAt, toAt }: Extract<Order, { stored: string }>): Stored {
  const worker = workers.get(url);
  if (!worker) throw new Error(`no worker at ${url}`);
  let checks = 0;
  let notUp = 0;
  let reason: string | null = null;
  for (const { at, level, code, text, extra } of worker.results) {
    if (at < fromAt || at >= toAt || extra) continue;
    checks++;
    if (level !== null && level <= 199) continue;
    notUp++;
    reason ??= `${code} ${text}`;
  }
  const health = worker.taken.findLast(({ envelope }) => envelope.runner)?.envelope.runner;
  const wokeLateMs = health?.latenessP99Ms ?? null;
  const kept = worker.taken.filter(({ at }) => at >= toAt);
  worker.taken.splice(0, worker.taken.length, ...kept);
  worker.calls.length = 0;
  return { checks, notUp, reason, skipped: health?.skipped ?? 0, wokeLateMs };
}

async function answer(order: Order): Promise<object> {
  if ('open' in order) return { url: await open(order) };
  return 'stored' in order ? stored(order) : report(order);
}

process.on('message', async (order: Order) => {
  process.send?.(await answer(order));
});

// Nobody is left to ask.
process.on('disconnect', () => process.exit());
