// What happened to a host lately.
import type { Row } from '@libsql/client';
import { publicReason } from '#core/reason.ts';
import type { Db } from '#db/db.ts';
import type { FlipModel, HostModel, IncidentModel } from '#web/models.ts';
import { checkName } from '#web/words.ts';

const SHOWN = 20;

/** The newest changes of status of a host's checks. */
export async function recentFlips(db: Db, host: HostModel, reveal: boolean): Promise<FlipModel[]> {
  if (host.checks.length === 0) return [];
  const { rows } = await db.$client.execute({
    sql: `select id, check_id, from_status, to_status, since_at, code, text from flip
          where check_id in (select value from json_each(?)) order by at desc limit ?`,
    args: [idsOf(host), SHOWN],
  });
  return rows.map((row) => ({
    id: Number(row.id),
    check: nameOf(host, Number(row.check_id)),
    from: String(row.from_status),
    to: String(row.to_status),
    since: Number(row.since_at),
    text: row.to_status === 'up' || row.to_status === 'unknown' ? '' : words(row, reveal),
  }));
}

/** The newest incidents of a host's checks, open ones among them. */
export async function recentIncidents(
  db: Db,
  host: HostModel,
  reveal: boolean,
): Promise<IncidentModel[]> {
  if (host.checks.length === 0) return [];
  const { rows } = await db.$client.execute({
    sql: `select id, check_id, opened_at, closed_at, worst, code, text from incident
          where check_id in (select value from json_each(?)) order by opened_at desc limit ?`,
    args: [idsOf(host), SHOWN],
  });
  return rows.map((row) => ({
    id: Number(row.id),
    hostId: host.id,
    host: host.name,
    check: nameOf(host, Number(row.check_id)),
    openedAt: Number(row.opened_at),
    closedAt: row.closed_at === null ? null : Number(row.closed_at),
    worst: String(row.worst),
    text: words(row, reveal),
  }));
}

function idsOf({ checks }: HostModel): string {
  return JSON.stringify(checks.map(({ id }) => id));
}

function nameOf({ checks }: HostModel, id: number): string {
  const found = checks.find((check) => check.id === id);
  return found && checks.length > 1 ? checkName(found) : '';
}

function words(row: Row, reveal: boolean): string {
  const text = String(row.text);
  return reveal && text !== '' ? text : publicReason(String(row.code));
}
