// What checks cost a day, from how posting and folding are built: for "what would one more check cost?", and for what
// another flush would save. An estimate; what is billed is counted (worker/meter/counter.ts).
import { type Count, combine, DAY_MS, NOTHING } from './projection.ts';

/** A check as its cost sees it. */
export interface CostedCheck {
  shard: number;
  intervalMs: number;
  /** The runners that probe it, one for each location. */
  runners: readonly number[];
}

export interface Load {
  flushMs: number;
  /** Every runner that posts, with checks or without. */
  runners: readonly number[];
  checks: readonly CostedCheck[];
  /** The one among the runners that is the worker itself: its tick posts, so that costs no request; absent = it is none. */
  lookerId?: number | null;
}

/** A post with results: the view row and the row that keeps them. */
const POST = { rowsWritten: 2, rowsRead: 3 };
/** A post without: the view row, at most every 10 s. */
const EMPTY_POST = { rowsWritten: 1, rowsRead: 1, leastMs: 10_000 };
/** Of a check: 24 chunks, their two roll-ups, and a fifth of a change of 6 rows. */
const CHECK = { rowsWritten: 24 + 2 + 0.2 * 6, rowsRead: 50 };
const RESULTS_PER_POST = 500;
/** The worker's own looks are kept once a round of its tick. */
const TICK_MS = 60_000;

/** Rows and requests a day. */
export function costOf(load: Load): Count {
  const total = load.runners.reduce(
    (sum, runner) => combine(sum, runnerCost(load, runner), add),
    NOTHING,
  );
  const checks = load.checks.filter(({ runners }) => runners.length > 0).length;
  return {
    rowsRead: Math.round(total.rowsRead + checks * CHECK.rowsRead),
    rowsWritten: Math.round(total.rowsWritten + checks * CHECK.rowsWritten),
    requests: Math.round(total.requests),
  };
}

/** What `more` adds to a load. */
export function addedCost(load: Load, more: readonly CostedCheck[]): Count {
  const after = costOf({ ...load, checks: [...load.checks, ...more] });
  return combine(after, costOf(load), (a, b) => Math.max(0, a - b));
}

function add(a: number, b: number): number {
  return a + b;
}

function runnerCost(load: Load, runner: number): Count {
  const { checks } = load;
  const isWorker = runner === load.lookerId;
  const flushMs = isWorker ? TICK_MS : load.flushMs;
  const flushes = DAY_MS / flushMs;
  const mine = checks.filter(({ runners }) => runners.includes(runner));
  let posts = 0;
  /** How likely it is that no shard has anything to post at a flush. */
  let idle = 1;
  for (const shard of Map.groupBy(mine, (check) => check.shard).values()) {
    const { filled, results } = flushOf(shard, flushMs);
    posts += flushes * filled * Math.max(1, Math.ceil(results / RESULTS_PER_POST));
    idle *= 1 - filled;
  }
  const empty = isWorker ? 0 : flushes * idle;
  const seen = Math.min(empty, DAY_MS / EMPTY_POST.leastMs);
  return {
    rowsRead: posts * POST.rowsRead + empty * EMPTY_POST.rowsRead,
    rowsWritten: posts * POST.rowsWritten + seen * EMPTY_POST.rowsWritten,
    requests: isWorker ? 0 : posts + empty,
  };
}

/** How likely a flush of these checks carries results, and how many. */
function flushOf(checks: readonly CostedCheck[], flushMs: number) {
  let empty = 1;
  let results = 0;
  for (const { intervalMs } of checks) {
    empty *= 1 - Math.min(1, flushMs / intervalMs);
    results += flushMs / intervalMs;
  }
  return { filled: 1 - empty, results };
}
