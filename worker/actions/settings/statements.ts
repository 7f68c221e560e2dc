import type { InStatement } from '@libsql/client';
import { bumpConfig, fleetStatement } from '#db/plan.ts';
import type { SettingsPatch } from './model.ts';

/** What a change of the settings writes; undefined leaves one, null goes back to the default. */
export function settingsStatements(patch: SettingsPatch): InStatement[] {
  return [
    ...keep('title', patch.title),
    ...keep('reveal_details', patch.revealDetails),
    ...keep('flush_ms', patch.flush),
    ...keep('plan_database', patch.planDatabase),
    ...keep('plan_worker', patch.planWorker),
    ...keep('join_policy', patch.joinPolicy),
    ...fromWorker(patch.fromWorker),
    ...(patch.flush === undefined && patch.fromWorker === undefined
      ? []
      : [...bumpConfig(), fleetStatement]),
  ];
}

/** Off is written down only where it was on, so that what it saw keeps its name. Everything is judged anew at the next tick. */
function fromWorker(on: boolean | undefined): InStatement[] {
  if (on === undefined) return [];
  return [...(on ? keep('from_worker', true) : [OFF]), 'update shard_state set due_at = 0'];
}

const OFF = `update setting set value = 'false' where key = 'from_worker'`;

function keep(key: string, value: unknown): InStatement[] {
  if (value === undefined) return [];
  if (value === null) return [{ sql: 'delete from setting where key = ?', args: [key] }];
  return [
    {
      sql: `insert into setting (key, value) values (?, ?)
            on conflict (key) do update set value = excluded.value`,
      args: [key, JSON.stringify(value)],
    },
  ];
}
