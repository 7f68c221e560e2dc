// One round of the worker's own looks: what is due, as far as there is room; what fails is looked at again at once, as a
// runner would. What found no room is told by nobody: its view runs out, and it is unknown, never down.
import { HERE, isAssigned } from '#core/assign.ts';
import { type CheckSpec, kindOf } from '#core/checks/index.ts';
import { type Glance, isBlind, isLookDue, isUnheard, longestWaiting } from '#core/lookRound.ts';
import { WORKER_PLANS } from '#core/meter/plans.ts';
import type { Measurement } from '#core/reading.ts';
import type { ViewRow } from '#core/store/viewRow.ts';
import type { Timetable } from '#core/timetable.ts';
import { VERSION } from '#core/version.ts';
import type { View } from '#core/view.ts';
import type { RunnerHealth } from '#core/wire/health.ts';
import type { Result } from '#core/wire/results.ts';
import { shardOfViewKey, viewKey } from '#db/db.ts';
import { packHealth } from '#db/health.ts';
import {
  CONFIG_VERSION_SQL,
  looksFromHere,
  type PlannedCheck,
  parseFleet,
  parsePlan,
} from '#db/plan.ts';
import { VIEW_COLUMNS, viewRecord } from '#db/views.ts';
import { counterOf } from '#worker/meter/counter.ts';
import { readPlans } from '#worker/meter/plans.ts';
import type { Platform } from '#worker/platform.ts';
import { lookOnce } from './look.ts';
import type { Outside } from './outside.ts';
import { postFromHere } from './post.ts';
import { inverted } from './probe.ts';
import { specOfConfig } from './spec.ts';

/** As many connections as workerd opens at a time. */
const AT_ONCE = 6;
/** No look begins later in a round than this; the next tick is not far. */
const BEGIN_WITHIN_MS = 30_000;
const REPEATS = 2;
const LONGEST_PAUSE_MS = 10_000;

/** When a check was last tried, as far as this isolate knows: what cannot be asked leaves no trace in its view. */
const tried = new WeakMap<object, Map<number, number>>();
/** Databases that a round is under way for. */
const busy = new WeakSet<object>();

interface Candidate {
  check: PlannedCheck;
  shard: number;
  /** Of the check, by this worker; null = never, or of an earlier revision. */
  view: View | null;
  /** When it was last looked at; 0 = never, or what was seen has no vote. */
  lastAt: number;
  /** As far as this isolate knows. */
  triedAt: number;
}

interface Job extends Candidate {
  spec: CheckSpec;
  host: string;
  schedule: Timetable | null;
  retryAfterMs: number;
}

/** What one look came to. */
interface Seen {
  job: Job;
  at: number;
  measurement: Measurement;
  /** The other side was heard; null = it could not be asked. */
  reached: boolean | null;
}

/**
 * Looks at what is due; nothing happens where the worker does not look, or already does. `asked`: at these checks, of
 * which another location just saw that they turned.
 */
export async function lookFromHere(
  platform: Platform,
  asked: ReadonlySet<number> | null = null,
): Promise<void> {
  const { outside, db } = platform;
  if (!outside || busy.has(db.$client)) return;
  busy.add(db.$client);
  try {
    await round(platform, outside, asked);
  } finally {
    busy.delete(db.$client);
  }
}

async function round(
  platform: Platform,
  outside: Outside,
  asked: ReadonlySet<number> | null,
): Promise<void> {
  const startedAt = platform.now();
  const { version, candidates } = await readCandidates(platform);
  if (candidates.length === 0) return;
  const { looks } = WORKER_PLANS[(await readPlans(platform)).worker];
  const budget = new Budget(looks);
  const jobs =
    asked === null
      ? await dueJobs(platform, candidates, startedAt)
      : await jobsOf(
          platform,
          candidates.filter(({ check }) => asked.has(check.checkId)),
        );
  const due = longestWaiting(
    jobs.map((job) => ({ ...job.check, schedule: job.schedule, lastAt: job.lastAt, job })),
    startedAt,
  ).map(({ job }) => job);
  const glances = (seen: readonly Seen[]) =>
    seen.map(({ job, reached }): Glance => ({ host: job.host, reached }));
  const isEarly = () => platform.now() - startedAt < BEGIN_WITHIN_MS;
  const lookAt = (jobs: readonly Job[]) => lookAll(platform, outside, jobs, budget, isEarly);
  let seen = await lookAt(due);
  if (
    !seen.some(({ reached }) => reached === true) &&
    seen.some(({ reached }) => reached === false)
  ) {
    seen = [...seen, ...(await lookAt(await witness(platform, candidates, seen)))];
  }
  // Turso was reached just now, on the same network.
  const proven = counterOf(platform.db).source === 'turso';
  let blind = !proven && isBlind(glances(seen));
  if (blind) platform.log('warn', 'nothing answers the worker: what fails for it has no vote');
  // What is told of itself goes with the first post.
  let health = sightToTell(candidates, blind, startedAt);
  for (let repeat = 0; seen.length > 0; repeat++) {
    const how = { blind, asked: asked !== null, health };
    const views = await post(platform, version, seen, how);
    health = null;
    const doubtful = seen.flatMap(({ job, at }) =>
      isUnsure(job, views) ? [{ ...job, lastAt: at }] : [],
    );
    if (blind || doubtful.length === 0 || repeat === REPEATS || !isEarly()) break;
    await pause(Math.min(LONGEST_PAUSE_MS, Math.max(...doubtful.map((job) => job.retryAfterMs))));
    seen = await lookAt(doubtful);
    blind = false;
  }
}

/** The last look contradicts what the view says, and does not yet change it. */
function isUnsure({ check, shard }: Job, views: ReadonlyMap<number, ViewRow>): boolean {
  const view = views.get(shard)?.get(check.position);
  return view?.run != null && view.rev === check.rev;
}

/** What this worker is to look at, as it last saw it. */
async function readCandidates(
  platform: Platform,
): Promise<{ version: number; candidates: Candidate[] }> {
  const [version, fleetRow, plans, views] = await platform.db.$client.batch(
    [
      `select ${CONFIG_VERSION_SQL} as version`,
      `select value from setting where key = 'fleet'`,
      'select id, plan from shard',
      `select ${VIEW_COLUMNS} from view v where v.k in (select id * ${viewKey(1, 0)} + ${HERE} from shard)`,
    ],
    'read',
  );
  const fleet = parseFleet(fleetRow?.rows[0]?.value as string | undefined);
  const me = fleet.runners.find(({ id }) => id === HERE);
  const none = { version: Number(version?.rows[0]?.version ?? 0), candidates: [] };
  if (!looksFromHere(fleet) || me === undefined) return none;
  const rows = new Map(
    (views?.rows ?? []).map((row) => [shardOfViewKey(Number(row.k)), viewRecord(row).row]),
  );
  const attempts = triedOf(platform);
  const candidates = (plans?.rows ?? []).flatMap((row) => {
    const shard = Number(row.id);
    return [...parsePlan(String(row.plan)).byId.values()]
      .filter((check) => !check.paused && isAssigned(check, me, fleet.locations))
      .map((check): Candidate => {
        const held = rows.get(shard)?.get(check.position) ?? null;
        const view = held?.rev === check.rev ? held : null;
        const triedAt = attempts.get(check.checkId) ?? 0;
        const lastAt = view?.blind ? 0 : Math.max(view?.at ?? 0, triedAt);
        return { check, shard, view, lastAt, triedAt };
      });
  });
  return { ...none, candidates };
}

function triedOf({ db }: Platform): Map<number, number> {
  const known = tried.get(db.$client) ?? new Map<number, number>();
  tried.set(db.$client, known);
  return known;
}

/** By the interval alone first, so that only few rows are read for the rest. */
async function dueJobs(
  platform: Platform,
  candidates: readonly Candidate[],
  now: number,
): Promise<Job[]> {
  const jobs = await jobsOf(
    platform,
    candidates.filter((each) => mayBeDue(each, now)),
  );
  return jobs.filter(({ check, schedule, lastAt }) =>
    isLookDue({ ...check, schedule, lastAt }, now),
  );
}

/** A timetable's interval is its longest pause, so it may be due long before that is over. */
function mayBeDue({ lastAt, triedAt }: Candidate, now: number): boolean {
  return now - Math.max(lastAt, triedAt) >= 40_000;
}

async function jobsOf({ db }: Platform, candidates: readonly Candidate[]): Promise<Job[]> {
  if (candidates.length === 0) return [];
  const { rows } = await db.$client.execute({
    sql: `select id, config, schedule, retry_after_ms from check_
          where id in (select value from json_each(?)) and deleted_at is null`,
    args: [JSON.stringify(candidates.map(({ check }) => check.checkId))],
  });
  const byId = new Map(rows.map((row) => [Number(row.id), row]));
  return candidates.flatMap((candidate): Job[] => {
    const row = byId.get(candidate.check.checkId);
    const spec = row ? specOfConfig(String(row.config)) : null;
    if (!row || spec === null) return [];
    return [
      {
        ...candidate,
        spec,
        host: kindOf(spec.kind).addressOf(spec as never) ?? '',
        schedule: row.schedule === null ? null : (JSON.parse(String(row.schedule)) as Timetable),
        retryAfterMs: Number(row.retry_after_ms),
      },
    ];
  });
}

/** Somebody else who answered when last asked, for when nobody did: one look that tells whether the eyes are at fault. */
async function witness(
  platform: Platform,
  candidates: readonly Candidate[],
  seen: readonly Seen[],
): Promise<Job[]> {
  const asked = new Set(seen.map(({ job }) => job.check.checkId));
  const hosts = new Set(seen.map(({ job }) => job.host));
  const good = candidates
    .filter(({ check, view }) => !asked.has(check.checkId) && view !== null && view.at > 0)
    .filter(({ view }) => view?.badSinceAt === null)
    .sort((a, b) => b.lastAt - a.lastAt);
  const jobs = await jobsOf(platform, good.slice(0, 10));
  return jobs.filter(({ host }) => !hosts.has(host)).slice(0, 1);
}

/** Requests that a run may still make. */
class Budget {
  #left: number;

  constructor(looks: number) {
    this.#left = looks;
  }

  spend = (): boolean => {
    this.#left -= 1;
    return this.#left >= 0;
  };

  get isSpent(): boolean {
    return this.#left <= 0;
  }
}

/** A few at a time, in order, while there is room. */
async function lookAll(
  platform: Platform,
  outside: Outside,
  jobs: readonly Job[],
  budget: Budget,
  isEarly: () => boolean,
): Promise<Seen[]> {
  const seen: Seen[] = [];
  const waiting = [...jobs];
  const worker = async () => {
    for (let job = waiting.shift(); job; job = waiting.shift()) {
      if (budget.isSpent || !isEarly()) return;
      const one = await look(platform, outside, job, budget);
      if (one !== null) seen.push(one);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return seen;
}

async function look(
  platform: Platform,
  outside: Outside,
  job: Job,
  budget: Budget,
): Promise<Seen | null> {
  const { spec, check } = job;
  // Newer than the last look in any case, whatever clock that was told by.
  const at = Math.max(platform.now(), (job.view?.at ?? 0) + 1, job.lastAt + 1);
  triedOf(platform).set(check.checkId, at);
  try {
    const { timeoutMs } = check;
    const how = { outside, timeoutMs, at, spend: budget.spend };
    const measurement = await lookOnce(platform, spec, how);
    if (measurement === null) return null;
    const reached = measurement.level === null ? null : !isUnheard(measurement.code);
    const told = spec.invert ? inverted(measurement) : measurement;
    return { job, at, measurement: told, reached };
  } catch (error) {
    const { message } = error as Error;
    platform.log('error', 'a look of the worker broke', { checkId: check.checkId, message });
    return null;
  }
}

/** Keeps and judges what was seen, shard by shard; gives the views by shard. */
async function post(
  platform: Platform,
  version: number,
  seen: readonly Seen[],
  how: { blind: boolean; asked: boolean; health: string | null },
): Promise<Map<number, ViewRow>> {
  const views = new Map<number, ViewRow>();
  for (const [shard, group] of Map.groupBy(seen, ({ job }) => job.shard)) {
    const readings = new Map(
      group.map((each) => [each.job.check.checkId, readingOf(each, how)] as const),
    );
    const row = await postFromHere(platform, shard, version, readings, how.health);
    if (row !== null) views.set(shard, row);
  }
  return views;
}

function readingOf(
  { job, at, measurement, reached }: Seen,
  { blind, asked }: { blind: boolean; asked: boolean },
): Result {
  const { checkId, rev } = job.check;
  const unseen = blind && reached === false;
  return {
    ...{ checkId, rev, at, ...measurement },
    ...(unseen && { blind: true }),
    ...(asked && { asked: true }),
  };
}

/** What the tick tells people of, when the worker loses its sight or has it again; null = it is as it was. */
function sightToTell(candidates: readonly Candidate[], blind: boolean, now: number): string | null {
  const was = candidates.some(({ view }) => view?.blind === true);
  if (was === blind) return null;
  return packHealth({ ...WITHOUT_FIGURES, blindSinceAt: blind ? now : null }, now);
}

/** The rest of what runners say of themselves. */
const WITHOUT_FIGURES: RunnerHealth = {
  version: VERSION,
  skewMs: 0,
  spoolDepth: 0,
  oldestSpooledAt: null,
  lost: 0,
  checks: 0,
  latenessP50Ms: null,
  latenessP99Ms: null,
  skipped: 0,
  cpu: null,
  rssBytes: null,
  canaries: [],
  blindSinceAt: null,
  rejected: { count: 0, lastReason: null },
};

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
