import { formatDuration } from '#core/duration.ts';
import { utcText } from '#core/instant.ts';
import { DAY_MS, FIRST_RING, HOUR_MS, type Ring, WEEK_HOURS } from '#db/history.ts';
import { bumpConfig, fleetStatement } from '#db/plan.ts';
import { write } from '#db/write.ts';
import {
  type HostKeeping,
  type Keeping,
  nextOwnRings,
  nextRings,
  nextWeekRings,
  oldestHour,
  readKeeping,
  ringsFor,
} from '#worker/history/rings.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { auditRow } from '../auditRow.ts';
import { parseInput, refuseField } from '../parse.ts';
import { permit } from '../permit.ts';
import { type RetentionModel, type RetentionPatch, retentionPatch } from './model.ts';

/** Hosts that may have a time of their own: what is read of many is told apart by their ids. */
const MOST_HOSTS = 200;

/** How long what is kept. */
export async function getRetention(platform: Platform, actor: Actor): Promise<RetentionModel> {
  permit(actor, 'viewer');
  return modelOf(await keepingNow(platform), platform.now(), { gone: null, done: true });
}

/** Changes how long what is kept, or says what that would take away. */
export async function changeRetention(
  platform: Platform,
  actor: Actor,
  input: unknown,
): Promise<RetentionModel> {
  permit(actor, 'owner');
  const patch = parseInput(retentionPatch, input);
  await refuseUnknown(platform, patch);
  const now = platform.now();
  const before = await keepingNow(platform);
  const after = changed(before, patch, now);
  if (after.hosts.size > MOST_HOSTS) {
    throw refuseField('hosts', `may be at most ${MOST_HOSTS} with a time of their own`);
  }
  const gone = goneText(before, after, now);
  if (!patch.dryRun) {
    await write(platform.db, [
      keep('history_rings', after.rings),
      keep('history_weeks', after.weeks),
      keep('history_days', after.days),
      keep('history_hosts', Object.fromEntries(after.hosts)),
      ...bumpConfig(),
      fleetStatement,
      auditRow(platform, actor, {
        action: 'retention.update',
        subject: 'how long history is kept',
        before: wordsOf(before),
        after: wordsOf(after),
      }),
    ]);
  }
  return modelOf(after, now, { gone, done: !patch.dryRun });
}

async function keepingNow({ db }: Platform): Promise<Keeping> {
  return readKeeping.parse(await db.$client.execute(readKeeping.sql));
}

function keep(key: string, value: unknown) {
  return {
    sql: `insert into setting (key, value) values (?, ?)
          on conflict (key) do update set value = excluded.value`,
    args: [key, JSON.stringify(value)],
  };
}

async function refuseUnknown({ db }: Platform, { hosts = [] }: RetentionPatch): Promise<void> {
  if (hosts.length === 0) return;
  const { rows } = await db.$client.execute({
    sql: 'select id from host where id in (select value from json_each(?))',
    args: [JSON.stringify(hosts.map(({ id }) => id))],
  });
  const known = new Set(rows.map(({ id }) => Number(id)));
  const index = hosts.findIndex(({ id }) => !known.has(id));
  if (index >= 0) throw refuseField(`hosts[${index}].id`, `there is no host ${hosts[index]?.id}`);
}

function changed(before: Keeping, patch: RetentionPatch, now: number): Keeping {
  const { detail, hours, days, hosts: wanted = [] } = patch;
  const rings =
    detail === undefined ? before.rings : nextRings(before.rings, wholeDays(detail) * 24, now);
  const usual = hoursOf(rings);
  const hosts = new Map<number, HostKeeping>(before.hosts);
  for (const { id, detail: own } of wanted) {
    const held = ringsFor(before, id);
    const next = own === null ? null : wholeDays(own) * 24;
    // Nothing of its own was ever kept: there is nothing to come back from.
    if (next === null && !before.hosts.has(id)) continue;
    hosts.set(id, { hours: next, rings: nextOwnRings(held, next ?? usual, now) });
  }
  for (const [id, { hours: own, rings: held }] of hosts) {
    if (own === null) hosts.set(id, { hours: null, rings: nextOwnRings(held, usual, now) });
  }
  const weeks = hours === undefined ? null : Math.ceil(wholeDays(hours) / 7) + 1;
  return {
    rings,
    weeks: weeks === null ? before.weeks : nextWeekRings(before.weeks, weeks, now),
    days: days === undefined ? before.days : wholeDays(days),
    hosts,
  };
}

function wholeDays(ms: number): number {
  return Math.max(1, Math.round(ms / DAY_MS));
}

function hoursOf(rings: readonly Ring[]): number {
  return (rings.at(-1) ?? FIRST_RING).hours;
}

/** What is there before and not after, in sentences. */
function goneText(before: Keeping, after: Keeping, now: number): string | null {
  const gone: string[] = [];
  const since = (hour: number) => utcText(hour * HOUR_MS);
  const shrinks = (one: readonly Ring[], other: readonly Ring[]) =>
    oldestHour(other, now) > oldestHour(one, now);
  if (shrinks(before.rings, after.rings)) {
    const from = since(oldestHour(after.rings, now));
    gone.push(
      `Every reading before ${from} is gone: charts finer than an hour and exports begin there.`,
    );
  }
  for (const id of after.hosts.keys()) {
    const [one, other] = [ringsFor(before, id), ringsFor(after, id)];
    if (!shrinks(one, other)) continue;
    const from = since(oldestHour(other, now));
    gone.push(`Every reading of host ${id} before ${from} is gone.`);
  }
  if (shrinks(before.weeks, after.weeks)) {
    const from = since(oldestHour(after.weeks, now));
    gone.push(`Figures by the hour before ${from} are gone: charts show days there.`);
  }
  if (after.days < before.days) {
    const from = utcText((Math.floor(now / DAY_MS) - after.days + 1) * DAY_MS);
    gone.push(`Figures by the day before ${from} are gone: uptime and months begin there.`);
  }
  return gone.length === 0 ? null : `${gone.join(' ')} Incidents stay.`;
}

const textOf = (hours: number): string => formatDuration(hours * HOUR_MS);

function wordsOf({ rings, weeks, days, hosts }: Keeping) {
  return {
    detail: textOf(hoursOf(rings)),
    hours: textOf(hoursOf(weeks) - WEEK_HOURS),
    days: formatDuration(days * DAY_MS),
    hosts: [...hosts].flatMap(([id, { hours }]) =>
      hours === null ? [] : [{ id, detail: textOf(hours) }],
    ),
  };
}

function modelOf(
  keeping: Keeping,
  now: number,
  told: Pick<RetentionModel, 'gone' | 'done'>,
): RetentionModel {
  return {
    ...wordsOf(keeping),
    detailFromAt: oldestHour(keeping.rings, now) * HOUR_MS,
    ...told,
  };
}
