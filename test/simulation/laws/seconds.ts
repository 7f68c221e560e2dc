import type { SeriesBand } from '#core/history/series.ts';
import type { Fault } from '../faults.ts';
import type { Law, Watch } from '../law.ts';
import { ago } from '../story.ts';
import { type Told, tellHistory } from '../told.ts';

interface Incident {
  fromAt: number;
  /** Infinity = it is open. */
  toAt: number;
  /** As it was told, where history knows better. */
  told: { fromAt: number; toAt: number } | null;
}

/**
 * Faults through which nobody may be missing or mistaken: what was told then is what was. But of a target that flaps, the
 * posts of two places may each tell of a moment that, as they came, never was the same.
 */
function isOpenEyed(fault: Fault): boolean {
  return fault.kind === 'channel' || (fault.kind === 'target' && fault.how !== 'flaps');
}

export function seconds(): Law {
  return {
    promise: 'the seconds of incidents are the seconds that uptime lacks',
    async folded(watch) {
      for (const told of await tellHistory(watch)) {
        const incidents = await incidentsOf(watch, told.checkId);
        const wrong =
          (wasEdited(watch, told.checkId) ? null : againstHistory(told, incidents)) ??
          againstUptime(told) ??
          againstWhatWasTold(watch, incidents);
        if (wrong) return `check ${told.checkId}: ${wrong}`;
      }
      return null;
    },
  };
}

async function incidentsOf({ world }: Watch, checkId: number): Promise<Incident[]> {
  const rows = await world.database.rows(
    'select opened_at, closed_at, began_at, ended_at from incident where check_id = ? order by id',
    [checkId],
  );
  return rows.map((row) => {
    const openedAt = Number(row.opened_at);
    const closedAt = row.closed_at === null ? Number.POSITIVE_INFINITY : Number(row.closed_at);
    const fromAt = row.began_at === null ? openedAt : Number(row.began_at);
    const toAt = row.ended_at === null ? closedAt : Number(row.ended_at);
    const same = fromAt === openedAt && toAt === closedAt;
    return { fromAt, toAt, told: same ? null : { fromAt: openedAt, toAt: closedAt } };
  });
}

/** History judges a whole hour by the limits in force when it is folded, and a pause is not in it. */
function wasEdited({ world }: Watch, checkId: number): boolean {
  return world.plan.faults.some(
    (fault) => fault.kind === 'edit' && world.checks[fault.check]?.check === checkId,
  );
}

/**
 * Known bad time that ended lies in one incident and known good time in none; unknown time may lie in either. One that was told
 * as one and was several stays one: it begins and ends with bad time, and has good time in it. Of one that lasted over
 * the end of an hour, each hour knows only its own part, so there it may have good time at its ends too.
 */
function againstHistory({ series, uptime }: Told, incidents: Incident[]): string | null {
  const until = foldedUntil(uptime.toAt);
  const bands = series.merged.bands.filter(({ fromAt }) => fromAt < until);
  const lasting = incidents.filter((each) => each.fromAt < each.toAt);
  const isBad = ({ status }: SeriesBand) => status === 'down' || status === 'degraded';
  for (const { fromAt, toAt, status } of bands) {
    if (status === 'unknown') continue;
    const touching = lasting.filter((each) => each.fromAt < toAt && each.toAt > fromAt);
    const end = Math.min(toAt, until);
    const insideMs = touching.reduce(
      (sum, each) => sum + Math.min(end, each.toAt) - Math.max(fromAt, each.fromAt),
      0,
    );
    const isRight =
      status === 'up'
        ? touching.every((each) => isOverHours(each) || (each.fromAt < fromAt && each.toAt > toAt))
        : insideMs === end - fromAt || isUnfinished(bands, toAt);
    if (!isRight)
      return `history says ${status} from ${ago(fromAt)} to ${ago(toAt)}; incidents are ${lasting.map(spanOf).join(', ')}`;
  }
  for (const each of lasting) {
    if (each.fromAt >= until || isOverHours(each)) continue;
    const first = bands.find((band) => band.status !== 'unknown' && band.toAt > each.fromAt);
    const last = bands.findLast((band) => band.status !== 'unknown' && band.fromAt < each.toAt);
    if (first && last && isBad(first) && (isBad(last) || each.toAt > until)) continue;
    return `an incident is ${spanOf(each)}; history has its first and last bad time otherwise`;
  }
  return null;
}

/** Nothing good is known after it: history closes it when something is. */
function isUnfinished(bands: readonly SeriesBand[], toAt: number): boolean {
  return !bands.some(({ status, fromAt }) => status === 'up' && fromAt >= toAt);
}

function isOverHours({ fromAt, toAt }: { fromAt: number; toAt: number }): boolean {
  return foldedUntil(fromAt) < foldedUntil(Math.min(toAt, Number.MAX_SAFE_INTEGER) - 1);
}

/** The month's figures are the sums of what history draws. */
function againstUptime({ series, uptime }: Told): string | null {
  const until = foldedUntil(uptime.toAt);
  const sumOf = (status: SeriesBand['status']) =>
    series.merged.bands
      .filter((band) => band.status === status)
      .reduce((sum, { fromAt, toAt }) => sum + Math.max(0, Math.min(toAt, until) - fromAt), 0);
  for (const status of ['up', 'degraded', 'down'] as const) {
    const [drawn, summed] = [sumOf(status), uptime[`${status}Ms`]];
    if (drawn !== summed) return `uptime counts ${summed} ms ${status}, history draws ${drawn} ms`;
  }
  return null;
}

/** Where everybody saw and was heard, history has nothing to add to what was told. */
function againstWhatWasTold({ world }: Watch, incidents: Incident[]): string | null {
  if (!world.plan.faults.every(isOpenEyed)) return null;
  const corrected = incidents.find((each) => each.told !== null && isFar(each, each.told));
  if (!corrected) return null;
  return `an incident was told as ${spanOf(corrected.told as Incident)} and history has it as ${spanOf(corrected)}, though nothing was hidden from anybody`;
}

/** Of places that look within a moment of each other, the first to post is the first to be told of. */
const A_MOMENT_MS = 1000;

function isFar(one: Pick<Incident, 'fromAt' | 'toAt'>, other: NonNullable<Incident['told']>) {
  const isNear = (a: number, b: number) => a === b || Math.abs(a - b) < A_MOMENT_MS;
  return !isNear(one.fromAt, other.fromAt) || !isNear(one.toAt, other.toAt);
}

/** Every hour that is over is folded. */
function foldedUntil(now: number): number {
  return Math.floor(now / 3_600_000) * 3_600_000;
}

function spanOf({ fromAt, toAt }: { fromAt: number; toAt: number }): string {
  return `${ago(fromAt)}–${Number.isFinite(toAt) ? ago(toAt) : 'now'}`;
}
