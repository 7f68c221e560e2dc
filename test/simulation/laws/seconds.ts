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

/** Faults through which nobody may be missing or mistaken: what was told then is what was. */
const OPEN_EYED: ReadonlySet<Fault['kind']> = new Set(['target', 'channel']);

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

/** Known bad time lies in an incident, known good time outside of any; unknown time may lie in either. */
function againstHistory({ series, uptime }: Told, incidents: Incident[]): string | null {
  for (const band of series.merged.bands) {
    const [fromAt, toAt] = [band.fromAt, Math.min(band.toAt, foldedUntil(uptime.toAt))];
    if (toAt <= fromAt || band.status === 'unknown') continue;
    const insideMs = incidents.reduce(
      (sum, each) => sum + Math.max(0, Math.min(toAt, each.toAt) - Math.max(fromAt, each.fromAt)),
      0,
    );
    const expectedMs = band.status === 'up' ? 0 : toAt - fromAt;
    if (insideMs === expectedMs) continue;
    return `history says ${band.status} from ${ago(fromAt)} to ${ago(toAt)}; ${insideMs} ms of that lie in incidents (${incidents.map(spanOf).join(', ')})`;
  }
  return null;
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
  if (!world.plan.faults.every(({ kind }) => OPEN_EYED.has(kind))) return null;
  const corrected = incidents.find(({ told }) => told !== null);
  if (!corrected) return null;
  return `an incident was told as ${spanOf(corrected.told as Incident)} and history has it as ${spanOf(corrected)}, though nothing was hidden from anybody`;
}

/** Every hour that is over is folded. */
function foldedUntil(now: number): number {
  return Math.floor(now / 3_600_000) * 3_600_000;
}

function spanOf({ fromAt, toAt }: { fromAt: number; toAt: number }): string {
  return `${ago(fromAt)}–${Number.isFinite(toAt) ? ago(toAt) : 'now'}`;
}
