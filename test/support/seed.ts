// Hosts and checks straight into the database, for tests that are about something else than making them.
import type { Policy } from '#core/policy.ts';
import { bumpConfig, CONFIG_VERSION_SQL, planStatements } from '#db/plan.ts';
import { write } from '#db/write.ts';
import type { Platform } from '#worker/platform.ts';

export interface SeedCheck {
  host?: string;
  group?: string;
  target?: string;
  intervalMs?: number;
  timeoutMs?: number;
  failures?: number;
  successes?: number;
  policy?: Policy;
  locations?: number[] | null;
  shard?: number;
  position?: number;
  /** How many checks alike, at the positions that follow. */
  count?: number;
}

/** Makes a host with its checks; gives the ids of the checks. */
export async function seedChecks(platform: Platform, seed: SeedCheck = {}): Promise<number[]> {
  const { shard = 0, position = 0, count = 1, target = 'https://example.org/' } = seed;
  const [made] = await write(platform.db, [
    {
      sql: 'insert into host (name, group_name, created_at) values (?, ?, ?) returning id',
      args: [seed.host ?? 'Example', seed.group ?? '', platform.now()],
    },
  ]);
  const hostId = Number(made?.rows[0]?.id);
  const rows = Array.from({ length: count }, (_, index) => position + index);
  const results = await write(platform.db, [
    ...bumpConfig(),
    {
      sql: `insert into check_ (host_id, kind, target, config, interval_ms, timeout_ms, retry_after_ms, failures, successes,
              policy, locations, shard, position, changed_version, created_at)
            select ?, 'http', ?, ?, ?, ?, 2000, ?, ?, ?, ?, ?, value, ${CONFIG_VERSION_SQL}, ? from json_each(?)
            returning id`,
      args: [
        hostId,
        target,
        JSON.stringify({ kind: 'http', target }),
        seed.intervalMs ?? 60_000,
        seed.timeoutMs ?? 10_000,
        seed.failures ?? 2,
        seed.successes ?? 1,
        JSON.stringify(seed.policy ?? { type: 'any' }),
        seed.locations ? JSON.stringify(seed.locations) : null,
        shard,
        platform.now(),
        JSON.stringify(rows),
      ],
    },
    ...planStatements(shard),
  ]);
  return (results[2]?.rows ?? []).map((row) => Number(row.id)).sort((a, b) => a - b);
}

export interface HeldStatus {
  status: string;
  version: number;
}

/** The status held of a check, read from the row of states. */
export async function heldStatus(platform: Platform, checkId: number): Promise<string> {
  const { rows } = await platform.db.$client.execute('select body from shard_state');
  for (const row of rows) {
    for (const tuple of JSON.parse(String(row.body)) as [number, string][]) {
      if (tuple[0] === checkId) return tuple[1];
    }
  }
  return 'unknown';
}

/** "unknown→up, up→down": the flips of a check in order. */
export async function flipsOf(platform: Platform, checkId: number): Promise<string> {
  const { rows } = await platform.db.$client.execute({
    sql: 'select from_status, to_status from flip where check_id = ? order by id',
    args: [checkId],
  });
  return rows.map((row) => `${row.from_status}→${row.to_status}`).join(', ');
}
