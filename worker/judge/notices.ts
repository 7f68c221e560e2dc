// What people are to be told of a decision, complete and addressed. Reads only when there is something to tell.
import { isOwnWord } from '#core/assign.ts';
import { shownTarget } from '#core/checks/index.ts';
import type { CheckNotice, Notice, Subject, Voice } from '#core/notice.ts';
import { channelsFor, type Rule } from '#core/routing.ts';
import type { Configuration } from '#db/plan.ts';
import type { Platform } from '#worker/platform.ts';
import type { Change, Decision } from './decide.ts';
import { Reports } from './reports.ts';
import type { Snapshot } from './snapshot.ts';

export interface AddressedNotice {
  notice: Notice;
  channelIds: number[];
}

/** The notices of a decision with the channels they reach. */
export async function noticesOf(
  platform: Platform,
  snapshot: Snapshot,
  configuration: Configuration,
  decision: Decision,
): Promise<AddressedNotice[]> {
  const telling = decision.changes.filter(({ events }) =>
    events.some(({ type }) => type === 'tell' || type === 'disputed'),
  );
  if (telling.length === 0) return [];
  const rules = await readRules(platform);
  if (rules.length === 0) return [];
  const subjects = await readSubjects(platform, telling);
  const reports = new Reports(rules);
  const notices = telling.flatMap((change) => {
    const subject = subjects.get(change.check.checkId);
    if (!subject) return [];
    const own = noticesOfChange(platform, snapshot, configuration, change, subject);
    return own.flatMap((notice) => {
      const addressed = { notice, channelIds: channelsFor(notice, rules) };
      return change.check.mustReportMs === null ? [addressed] : reports.take(change, addressed);
    });
  });
  return notices;
}

/** The rules of enabled channels. */
export async function readRules(platform: Platform): Promise<Rule[]> {
  const { rows } = await platform.db.$client.execute(
    `select r.channel_id, r.match, r.from_status, r.fleet from rule r
     join channel c on c.id = r.channel_id where c.enabled = 1`,
  );
  return rows.map((row) => ({
    channelId: Number(row.channel_id),
    match: JSON.parse(String(row.match)) as Rule['match'],
    from: row.from_status as Rule['from'],
    fleet: Number(row.fleet) === 1,
  }));
}

async function readSubjects(
  platform: Platform,
  changes: readonly Change[],
): Promise<Map<number, Subject>> {
  const ids = changes.map(({ check }) => check.checkId);
  const { rows } = await platform.db.$client.execute({
    sql: `select c.id, c.name, c.kind, c.target, h.id as host_id, h.name as host_name, h.group_name,
            (select count(*) from check_ o where o.host_id = h.id and o.deleted_at is null) as siblings
          from check_ c join host h on h.id = c.host_id where c.id in (select value from json_each(?))`,
    args: [JSON.stringify(ids)],
  });
  return new Map(
    rows.map((row) => {
      const target = shownTarget(String(row.kind), String(row.target));
      const own = String(row.name) || `${row.kind} ${target}`;
      const subject: Subject = {
        hostId: Number(row.host_id),
        hostName: String(row.host_name),
        group: String(row.group_name),
        checkId: Number(row.id),
        checkName: Number(row.siblings) > 1 ? own : '',
        kind: String(row.kind),
        target,
      };
      return [subject.checkId, subject];
    }),
  );
}

function noticesOfChange(
  platform: Platform,
  snapshot: Snapshot,
  { fleet }: Configuration,
  { verdict, after, events }: Change,
  subject: Subject,
): Notice[] {
  const at = platform.now();
  const url = `${platform.config.url}/hosts/${subject.hostId}`;
  const nameOf = (id: number) =>
    fleet.locations.find((each) => each.id === id)?.name ?? `location ${id}`;
  const speakers = isOwnWord(verdict.locations) ? [] : verdict.locations;
  const voices: Voice[] = speakers.map(({ locationId, status, missing, rttUs, text }) => ({
    location: nameOf(locationId),
    status,
    missing,
    rttUs,
    text,
  }));
  const key = (what: string) => `check ${subject.checkId} ${what} ${snapshot.version + 1} ${at}`;
  return events.flatMap((event): Notice[] => {
    if (event.type === 'tell') {
      const notice: CheckNotice = {
        type: 'check',
        key: key(event.to),
        at,
        url,
        subject,
        from: event.from,
        to: event.to,
        worst: event.worst,
        level: after.level ?? 100,
        sinceAt: after.sinceAt,
        incidentOpenedAt: event.incidentOpenedAt,
        reason: { code: verdict.code, text: verdict.text },
        voices,
      };
      return [notice];
    }
    if (event.type === 'disputed') {
      const location = nameOf(event.locationId);
      return [{ type: 'disputed', key: key('disputed'), at, url, subject, location, voices }];
    }
    return [];
  });
}
