// What a person can set for the whole of Anyup, kept in the table `setting`.
import type { Platform } from './platform.ts';

export interface Settings {
  /** Heading of the status page. */
  title: string;
  /** Public answers carry addresses and full reasons. */
  revealDetails: boolean;
  /** How often runners post, as a person set it; null = as the plan and the platform say. */
  flushMs: number | null;
}

export const DEFAULT_SETTINGS: Settings = { title: 'Status', revealDetails: false, flushMs: null };

/** Reads them, with the defaults where nothing was set: at most 3 rows. */
export async function readSettings({ db }: Pick<Platform, 'db'>): Promise<Settings> {
  const { rows } = await db.$client.execute(
    `select key, value from setting where key in ('title', 'reveal_details', 'flush_ms')`,
  );
  const values = new Map(rows.map((row) => [String(row.key), JSON.parse(String(row.value))]));
  const { title, revealDetails, flushMs } = DEFAULT_SETTINGS;
  return {
    title: (values.get('title') as string | undefined) ?? title,
    revealDetails: (values.get('reveal_details') as boolean | undefined) ?? revealDetails,
    flushMs: (values.get('flush_ms') as number | undefined) ?? flushMs,
  };
}

/** How a runner may join without a code: not at all, to wait for approval, or at once but without a place. */
export const JOIN_POLICIES = ['code', 'ask', 'auto'] as const;
export type JoinPolicy = (typeof JOIN_POLICIES)[number];

export async function readJoinPolicy({ db }: Pick<Platform, 'db'>): Promise<JoinPolicy> {
  const { rows } = await db.$client.execute(
    `select value ->> '$' as policy from setting where key = 'join_policy'`,
  );
  return JOIN_POLICIES.find((each) => each === rows[0]?.policy) ?? 'code';
}

/** Does the worker itself look at targets (docs/decisions/0021)? */
export async function readFromWorker({ db }: Pick<Platform, 'db'>): Promise<boolean> {
  const { rows } = await db.$client.execute(
    `select value ->> '$' as yes from setting where key = 'from_worker'`,
  );
  return Number(rows[0]?.yes ?? 0) === 1;
}

/** How often runners post: as a person set it, else as the meter did, else as the platform says. */
export async function flushInForce({ db, config }: Platform): Promise<number> {
  const { rows } = await db.$client.execute(
    `select value ->> '$.flushMs' as flush_ms from setting where key = 'fleet'`,
  );
  const [row] = rows;
  return row?.flush_ms == null ? config.flushMs : Number(row.flush_ms);
}
