// Everything a judgement rests on, read at one moment.
import type { InStatement, ResultSet } from '@libsql/client';
import type { Pulse } from '#core/pulse.ts';

import { quarantinedIn } from '#core/trust.ts';
import { PULSE_SQL, pulseRecord } from '#db/pulse.ts';
import { parseStates, type States } from '#db/states.ts';
import { type ViewRecord, viewRecord, viewsOfShard } from '#db/views.ts';

export interface Snapshot {
  shard: number;
  views: ViewRecord[];
  /** Of the row of states; 0 = there is none yet. */
  version: number;
  dueAt: number;
  /** The configuration in which the shard's plan was made. */
  planVersion: number;
  states: States;
  pulse: Pulse;
  /** Runners whose results have no vote. */
  quarantined: ReadonlySet<number>;
}

/** Three reads, to stand in the same batch as the write that made judging necessary. */
export function snapshotStatements(shard: number): InStatement[] {
  return [
    viewsOfShard(shard),
    {
      sql: `select version, due_at, body, (select version from shard where id = ?1) as plan_version
            from shard_state where shard = ?1`,
      args: [shard],
    },
    PULSE_SQL,
  ];
}

/** Reads what `snapshotStatements` gave. */
export function parseSnapshot(shard: number, results: readonly ResultSet[]): Snapshot {
  const [views, state, beat] = results;
  const held = state?.rows[0];
  const { pulse, fleetState } = pulseRecord(beat?.rows[0]);
  return {
    shard,
    views: (views?.rows ?? []).map(viewRecord),
    version: Number(held?.version ?? 0),
    dueAt: Number(held?.due_at ?? Number.MAX_SAFE_INTEGER),
    planVersion: Number(held?.plan_version ?? 0),
    states: parseStates(held?.body as string | undefined),
    pulse,
    quarantined: quarantinedIn(fleetState),
  };
}
