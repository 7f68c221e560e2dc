// Everything the status is told from, read at one moment.
import type { Row } from '@libsql/client';
import { OWN } from '#core/assign.ts';
import { type Hearing, hearing } from '#core/pulse.ts';
import { quarantinedIn } from '#core/trust.ts';
import { shardOfViewKey } from '#db/db.ts';
import { type Fleet, type PlannedCheck, parseFleet, parsePlan } from '#db/plan.ts';
import { PULSE_SQL, pulseRecord } from '#db/pulse.ts';
import { type HeldState, parseStates } from '#db/states.ts';
import { VIEW_COLUMNS, type ViewRecord, viewRecord } from '#db/views.ts';
import { measured } from '#worker/answers/words.ts';
import type { Platform } from '#worker/platform.ts';

export interface HeldHost {
  id: number;
  name: string;
  group: string;
  paused: boolean;
}

export interface HeldCheck {
  id: number;
  hostId: number;
  name: string;
  kind: string;
  target: string;
  shard: number;
  paused: boolean;
}

export interface Held {
  now: number;
  heard: Hearing;
  fleet: Fleet;
  flushMs: number;
  /** Runners whose results have no vote. */
  quarantined: ReadonlySet<number>;
  hosts: HeldHost[];
  checks: HeldCheck[];
  /** By check. */
  planned: Map<number, PlannedCheck>;
  /** By check. */
  states: Map<number, HeldState>;
  /** By shard. */
  views: Map<number, ViewRecord[]>;
}

// Thousands of rows come as one text each: parsed at once, where a row object would cost more than all that follows.
const STATEMENTS = [
  `select json_group_array(json_array(id, name, group_name, paused)) as list from (
     select id, name, group_name, paused from host order by group_name, name, id)`,
  `select json_group_array(json_array(id, host_id, name, kind, target, shard, paused)) as list from (
     select * from check_ where deleted_at is null order by id)`,
  'select plan from shard',
  'select body from shard_state',
  `select ${VIEW_COLUMNS} from view v`,
  `select value from setting where key = 'fleet'`,
  PULSE_SQL,
  'select check_id, shard, last_at, run_ms from answered where last_at > 0',
];

/** Reads it all in one batch. */
export async function readHeld({ db, config, now: clock }: Platform): Promise<Held> {
  const now = clock();
  const results = await db.$client.batch(STATEMENTS, 'read');
  const [
    hosts = [],
    checks = [],
    plans = [],
    states = [],
    views = [],
    fleetRow = [],
    beat = [],
    said = [],
  ] = results.map(({ rows }) => rows);
  const { pulse, fleetState } = pulseRecord(beat[0]);
  const fleet = parseFleet(fleetRow[0]?.value as string | undefined);
  const planned = new Map(plans.flatMap(({ plan }) => [...parsePlan(String(plan)).byId]));
  const byShard = Map.groupBy(
    views.map((row) => ({ ...viewRecord(row), shard: shardOfViewKey(Number(row.k)) })),
    ({ shard }) => shard,
  );
  for (const row of said) bringUpToDate(row, planned, byShard);
  return {
    now,
    heard: hearing(pulse, now),
    quarantined: quarantinedIn(fleetState),
    fleet,
    flushMs: fleet.flushMs ?? config.flushMs,
    hosts: listOf<[number, string, string, number]>(hosts[0]?.list).map(
      ([id, name, group, paused]) => ({ id, name, group, paused: paused === 1 }),
    ),
    checks: listOf<[number, number, string, string, string, number, number]>(checks[0]?.list).map(
      ([id, hostId, name, kind, target, shard, paused]) => {
        return { id, hostId, name, kind, target, shard, paused: paused === 1 };
      },
    ),
    planned,
    states: new Map(states.flatMap(({ body }) => [...parseStates(String(body))])),
    views: byShard,
  };
}

/** A beat that changes nothing does not touch the view: when the last one came and how long it took is told from here. */
function bringUpToDate(
  row: Row,
  planned: ReadonlyMap<number, PlannedCheck>,
  views: ReadonlyMap<number, ViewRecord[]>,
): void {
  const position = planned.get(Number(row.check_id))?.position;
  const own = views.get(Number(row.shard))?.find(({ runnerId }) => runnerId === OWN)?.row;
  const view = position === undefined ? null : own?.get(position);
  const at = Number(row.last_at);
  if (position === undefined || !own || !view || at < view.at) return;
  const { rttUs } = measured({ runMs: row.run_ms === null ? null : Number(row.run_ms) });
  own.set(position, { ...view, at, rttUs, rttAt: rttUs === null ? view.rttAt : at });
}

function listOf<T>(text: unknown): T[] {
  return JSON.parse(String(text ?? '[]')) as T[];
}
