// What happened to a host lately.
import { desc, inArray } from 'drizzle-orm';
import { publicReason } from '#core/reason.ts';
import type { Db } from '#db/db.ts';
import { flip, incident } from '#db/schema.ts';
import type { FlipModel, HostModel, IncidentModel } from '#web/models.ts';
import { checkName } from '#web/words.ts';

const SHOWN = 20;

/** The newest changes of status of a host's checks. */
export async function recentFlips(db: Db, host: HostModel, reveal: boolean): Promise<FlipModel[]> {
  if (host.checks.length === 0) return [];
  const rows = await db
    .select()
    .from(flip)
    .where(inArray(flip.checkId, idsOf(host)))
    .orderBy(desc(flip.at))
    .limit(SHOWN);
  return rows.map(({ id, checkId, from, to, sinceAt, code, text }) => ({
    id,
    check: nameOf(host, checkId),
    from,
    to,
    since: sinceAt,
    text: to === 'up' || to === 'unknown' ? '' : words(code, text, reveal),
  }));
}

/** The newest incidents of a host's checks, open ones among them. */
export async function recentIncidents(
  db: Db,
  host: HostModel,
  reveal: boolean,
): Promise<IncidentModel[]> {
  if (host.checks.length === 0) return [];
  const rows = await db
    .select()
    .from(incident)
    .where(inArray(incident.checkId, idsOf(host)))
    .orderBy(desc(incident.openedAt))
    .limit(SHOWN);
  return rows.map(({ id, checkId, openedAt, closedAt, worst, code, text }) => ({
    id,
    hostId: host.id,
    host: host.name,
    check: nameOf(host, checkId),
    openedAt,
    closedAt,
    worst,
    text: words(code, text, reveal),
  }));
}

function idsOf({ checks }: HostModel): number[] {
  return checks.map(({ id }) => id);
}

function nameOf({ checks }: HostModel, id: number): string {
  const found = checks.find((check) => check.id === id);
  return found && checks.length > 1 ? checkName(found) : '';
}

function words(code: string, text: string, reveal: boolean): string {
  return reveal && text ? text : publicReason(code);
}
