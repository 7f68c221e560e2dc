// What every change of planned work writes beside the row itself.
import type { InStatement } from '@libsql/client';
import { HOUR_MS } from '#db/history.ts';
import { bumpConfig, fleetStatement } from '#db/plan.ts';
import { remake } from '#worker/history/cursor.ts';
import { oldestHour, readKeeping } from '#worker/history/rings.ts';
import type { Platform } from '#worker/platform.ts';
import { outdateSnapshot } from '#worker/snapshot/mark.ts';
import { refuseField } from '../parse.ts';
import type { MaintenanceModel } from './model.ts';

type Planned = Pick<MaintenanceModel, 'hosts' | 'groups' | 'from' | 'until'>;

const LONGEST_MS = 92 * 86_400_000;

/** Refuses what cannot be: no time, unknown hosts, a past whose readings are gone so that it cannot be counted anew. */
export async function refuseImpossible(
  platform: Platform,
  planned: Planned,
  before?: Planned,
): Promise<void> {
  const { hosts, groups, from, until } = planned;
  if (until <= from) throw refuseField('until', 'must be after from');
  if (until - from > LONGEST_MS) throw refuseField('until', 'may be at most 92 days after from');
  if (hosts?.length === 0 && !groups?.length)
    throw refuseField('hosts', 'names no host; null means every host');
  const [keeping, known] = await platform.db.$client.batch(
    [
      readKeeping.sql,
      {
        sql: 'select id from host where id in (select value from json_each(?))',
        args: [JSON.stringify(hosts ?? [])],
      },
    ],
    'read',
  );
  const ids = new Set((known?.rows ?? []).map(({ id }) => Number(id)));
  const index = (hosts ?? []).findIndex((id) => !ids.has(id));
  if (index >= 0) throw refuseField(`hosts[${index}]`, `there is no host ${hosts?.[index]}`);
  const oldestAt = oldestHour(readKeeping.parse(keeping).rings, platform.now()) * HOUR_MS;
  if (from < oldestAt && !(before && isSameTime(before, planned))) {
    const since = new Date(oldestAt).toISOString();
    throw refuseField('from', `must be after ${since}: older figures cannot be counted anew`);
  }
}

function isSameTime(one: Planned, other: Planned): boolean {
  const of = ({ hosts, groups, from, until }: Planned) => [hosts, groups, from, until];
  return JSON.stringify(of(one)) === JSON.stringify(of(other));
}

/** Everyone learns of it: judges, pages, and the history of what is over already. */
export function followingStatements(
  { now }: Platform,
  touched: ReadonlyArray<Pick<Planned, 'from' | 'until'>>,
): InStatement[] {
  const present = now();
  return [
    ...bumpConfig(),
    fleetStatement,
    outdateSnapshot,
    // What was kept quiet may be owed by now: every check is judged again.
    {
      sql: 'update shard_state set version = version + 1, due_at = min(due_at, ?)',
      args: [present],
    },
    ...touched
      .filter(({ from }) => from < present)
      .map(({ from, until }) => remake({ fromAt: from, toAt: Math.min(until, present) })),
  ];
}
