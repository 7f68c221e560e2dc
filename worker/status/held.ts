// Everything the status is told from, read at one moment.
import type { Row } from '@libsql/client';
import { OWN } from '#core/assign.ts';
import { type Hearing, hearing } from '#core/pulse.ts';
import { quarantinedIn } from '#core/trust.ts';
import { shardOfViewKey } from '#db/db.ts';
import {
  CONFIG_VERSION_SQL,
  type Fleet,
  type PlannedCheck,
  parseFleet,
  parsePlan,
} from '#db/plan.ts';
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

/** What only a change of the configuration changes. */
type Configured = Pick<Held, 'hosts' | 'checks' | 'planned'> & { version: number };

// Thousands of rows come as one text each: parsed at once, where a row object would cost more than all that follows.
const CONFIGURED = [
  `select json_group_array(json_array(id, name, group_name, paused)) as list from (
     select id, name, group_name, paused from host order by group_name, name, id)`,
  `select json_group_array(json_array(id, host_id, name, kind, target, shard, paused)) as list from (
     select * from check_ where deleted_at is null order by id)`,
  'select plan from shard',
];

const STATEMENTS = [
  `select ${CONFIG_VERSION_SQL} as version`,
  'select body from shard_state',
  `select ${VIEW_COLUMNS} from view v`,
  `select value from setting where key = 'fleet'`,
  PULSE_SQL,
  'select check_id, shard, last_at, run_ms from answered where last_at > 0',
];

/** By database client. At a thousand hosts reading it again is a third of the CPU of a page. */
const configured = new WeakMap<object, Configured>();

/** Reads it all in one batch, without what is known here of the configuration in force. */
export async function readHeld({ db, config, now: clock }: Platform): Promise<Held> {
  const now = clock();
  let known = configured.get(db.$client);
  let results = await db.$client.batch([...STATEMENTS, ...(known ? [] : CONFIGURED)], 'read');
  let version = Number(results[0]?.rows[0]?.version ?? 0);
  if (known && known.version !== version) {
    known = undefined;
    results = await db.$client.batch([...STATEMENTS, ...CONFIGURED], 'read');
    version = Number(results[0]?.rows[0]?.version ?? 0);
  }
  const [, states = [], views = [], fleetRow = [], beat = [], said = [], ...lists] = results.map(
    ({ rows }) => rows,
  );
  if (!known) {
    known = configuredIn(version, lists);
    configured.set(db.$client, known);
  }
  const { hosts, checks, planned } = known;
  const { pulse, fleetState } = pulseRecord(beat[0]);
  const fleet = parseFleet(fleetRow[0]?.value as string | undefined);
  const byShard = Map.groupBy(
    views.map((row) => ({ ...viewRecord(row), shard: shardOfViewKey(Number(row.k)) })),
    ({ shard }) => shard,
  );
  for (const row of said) bringUpToDate(row, planned, byShard);
  return {
    ...{ now, hosts, checks, planned, fleet },
    heard: hearing(pulse, now),
    quarantined: quarantinedIn(fleetState),
    flushMs: fleet.flushMs ?? config.flushMs,
    states: new Map(states.flatMap(({ body }) => [...parseStates(String(body))])),
    views: byShard,
  };
}

function configuredIn(version: number, [hosts = [], checks = [], plans = []]: Row[][]): Configured {
  return {
    version,
    planned: new Map(plans.flatMap(({ plan }) => [...parsePlan(String(plan)).byId])),
    hosts: listOf<[number, string, string, number]>(hosts[0]?.list).map(
      ([id, name, group, paused]) => ({ id, name, group, paused: paused === 1 }),
    ),
    checks: listOf<[number, number, string, string, string, number, number]>(checks[0]?.list).map(
      ([id, hostId, name, kind, target, shard, paused]) => {
        return { id, hostId, name, kind, target, shard, paused: paused === 1 };
      },
    ),
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
