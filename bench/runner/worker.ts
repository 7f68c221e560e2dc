// A process of its own: for each runner a worker that assigns the checks and takes what is posted.
import type { RunnerHealth } from '#core/wire/health.ts';
import { assigned, FakeWorker } from '#test/support/fakeWorker.ts';
import { configOf, INTERVAL_MS, type Kind } from './plan.ts';

export type Order =
  | { open: Kind; count: number; port: number; code: string }
  | { report: string; fromAt: number; toAt: number };

/** What came in of a time. */
export interface Report {
  url: string;
  /** Checks with a reading on the grid. */
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

async function open(order: Extract<Order, { open: Kind }>): Promise<string> {
  const worker = new FakeWorker(Date.now);
  worker.codes.add(order.code);
  worker.checks = Array.from({ length: order.count }, (_, index) =>
    assigned(index + 1, {
      position: index,
      config: configOf(order.open, index, order.port),
      intervalMs: INTERVAL_MS,
      timeoutMs: 5000,
    }),
  );
  const { url } = await worker.listen();
  workers.set(url, worker);
  return url;
}

function report({ report: url, fromAt, toAt }: Extract<Order, { report: string }>): Report {
  const worker = workers.get(url);
  if (!worker) throw new Error(`no worker at ${url}`);
  const rttUs: Record<number, number> = {};
  const seen = new Set<number>();
  let notUp = 0;
  let reason: string | null = null;
  for (const { checkId, at, rttUs: us, level, code, text, extra } of worker.results) {
    if (at < fromAt || at >= toAt || extra) continue;
    seen.add(checkId);
    if (us !== null) rttUs[checkId - 1] = us;
    if (level === null || level > 199) {
      notUp++;
      reason ??= `${code} ${text}`;
    }
  }
  // The last word of a runner is about the time since the one before, which ended within the measurement.
  const health = worker.taken.findLast(({ envelope }) => envelope.runner)?.envelope.runner ?? null;
  const { violations } = worker;
  return { url, checks: seen.size, notUp, reason, rttUs, health, violations };
}

process.on('message', async (order: Order) => {
  process.send?.('open' in order ? { url: await open(order) } : report(order));
});

// Nobody is left to ask.
process.on('disconnect', () => process.exit());
