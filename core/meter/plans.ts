// What is included in the plans people run on; null = no limit. Prices and limits change: `asOf` says when they were read.

/** What a database plan includes a month. Beyond it a free plan is blocked, a paid one billed. */
export interface DatabasePlan {
  title: string;
  rowsRead: number | null;
  rowsWritten: number | null;
  storageBytes: number | null;
  /** What happens beyond it. */
  beyond: 'blocked' | 'billed' | 'nothing';
  asOf: string | null;
}

/** What a worker plan includes; a daily limit ends at 00:00 UTC. */
export interface WorkerPlan {
  title: string;
  requests: { per: 'day' | 'month'; limit: number } | null;
  /** Requests of its own that the worker may spend on looks in one run of its tick, well under what a run may make in all. */
  looks: number;
  beyond: 'blocked' | 'billed' | 'nothing';
  asOf: string | null;
}

const GB = 1e9;

export const DATABASE_PLANS = {
  own: {
    title: 'own database',
    rowsRead: null,
    rowsWritten: null,
    storageBytes: null,
    beyond: 'nothing',
    asOf: null,
  },
  turso_free: {
    title: 'Turso Free',
    rowsRead: 500e6,
    rowsWritten: 10e6,
    storageBytes: 5 * GB,
    beyond: 'blocked',
    asOf: '2026-10-08',
  },
  turso_developer: {
    title: 'Turso Developer',
    rowsRead: 2.5e9,
    rowsWritten: 25e6,
    storageBytes: 9 * GB,
    beyond: 'billed',
    asOf: '2026-06-12',
  },
  turso_scaler: {
    title: 'Turso Scaler',
    rowsRead: 100e9,
    rowsWritten: 100e6,
    storageBytes: 24 * GB,
    beyond: 'billed',
    asOf: '2026-06-12',
  },
} as const satisfies Record<string, DatabasePlan>;

export const WORKER_PLANS = {
  own: { title: 'own server', requests: null, looks: 300, beyond: 'nothing', asOf: null },
  workers_free: {
    title: 'Workers Free',
    requests: { per: 'day', limit: 100_000 },
    looks: 10,
    beyond: 'blocked',
    asOf: '2026-10-02',
  },
  workers_paid: {
    title: 'Workers Paid',
    requests: { per: 'month', limit: 10_000_000 },
    looks: 200,
    beyond: 'billed',
    asOf: '2026-10-02',
  },
} as const satisfies Record<string, WorkerPlan>;

export type DatabasePlanName = keyof typeof DATABASE_PLANS;
export type WorkerPlanName = keyof typeof WORKER_PLANS;

export const DATABASE_PLAN_NAMES = Object.keys(DATABASE_PLANS) as DatabasePlanName[];
export const WORKER_PLAN_NAMES = Object.keys(WORKER_PLANS) as WorkerPlanName[];

/** What may be used up in one day of a month of so many days; null = as much as one likes. */
export interface DayAllowance {
  rowsRead: number | null;
  rowsWritten: number | null;
  requests: number | null;
}

export function dayAllowance(
  database: DatabasePlan,
  worker: WorkerPlan,
  daysInMonth: number,
): DayAllowance {
  const { requests } = worker;
  const daily = (limit: number | null) => (limit === null ? null : limit / daysInMonth);
  return {
    rowsRead: daily(database.rowsRead),
    rowsWritten: daily(database.rowsWritten),
    requests: requests?.per === 'day' ? requests.limit : daily(requests?.limit ?? null),
  };
}
