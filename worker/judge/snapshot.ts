// Everything a judgement rests on, read at one moment.
import type { InStatement, ResultSet } from '@libsql/client';
import type { Pulse } from '#core/pulse.ts';
import { NO_PULSE } from '#core/pulse.ts';
import { parseStates, type States } from '#db/states.ts';
import { type ViewRecord, viewRecord, viewsOfShard } from '#db/views.ts';

export interface Snapshot {
  shard: number;
  views: ViewRecord[];
  /** Of the row of states; 0 = there is none yet. */
  version: number;
  dueAt: number;
  states: States;
  pulse: Pulse;
}

/** Three reads, to stand in the same batch as the write that made judging necessary. */
export function snapshotStatements(shard: number): InStatement[] {
  return [
    viewsOfShard(shard),
    { sql: 'select version, due_at, body from shard_state where shard = ?', args: [shard] },
    'select tick_at, grace_until_at, frozen_at from pulse where id = 1',
  ];
}

/** Reads what `snapshotStatements` gave. */
export function parseSnapshot(shard: number, results: readonly ResultSet[]): Snapshot {
  const [views, state, pulse] = results;
  const held = state?.rows[0];
  const beat = pulse?.rows[0];
  return {
    shard,
    views: (views?.rows ?? []).map(viewRecord),
    version: Number(held?.version ?? 0),
    dueAt: Number(held?.due_at ?? Number.MAX_SAFE_INTEGER),
    states: parseStates(held?.body as string | undefined),
    pulse: beat
      ? {
          tickAt: Number(beat.tick_at),
          graceUntilAt: Number(beat.grace_until_at),
          frozenAt: Number(beat.frozen_at),
        }
      : NO_PULSE,
  };
}
