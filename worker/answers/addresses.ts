// The secret address of a heartbeat: a token of 144 bits, found by its hash, and kept sealed so that whoever may change
// the check can be shown it again.

import { write } from '#db/write.ts';
import { base64url, sha256 } from '#worker/crypto/hash.ts';
import { isSealedByPresent, open, seal } from '#worker/crypto/seal.ts';
import type { Platform } from '#worker/platform.ts';

import { CALLED } from './index.ts';

const TOKEN_BYTES = 18;

/** What only those may see who may change the check. */
export interface Heartbeat {
  checkId: number;
  hostId: number;
  /** Null = it was sealed under a secret that is gone; the job can still call it. */
  url: string | null;
  lastAt: number | null;
  /** A run that was announced and has not ended. */
  startedAt: number | null;
  runMs: number | null;
  body: string | null;
  bodyAt: number | null;
}

/** The heartbeats of a host, or of all; those that have no address yet are given one. */
export async function readHeartbeats(platform: Platform, hostId?: number): Promise<Heartbeat[]> {
  let rows = await readRows(platform, hostId);
  const bare = rows.filter((row) => row.token_hash === null).map((row) => Number(row.check_id));
  if (bare.length > 0) {
    await write(platform.db, await Promise.all(bare.map((id) => giveToken(platform, id, false))));
    rows = await readRows(platform, hostId);
  }
  const orNull = (value: unknown) => (value ? Number(value) : null);
  return Promise.all(
    rows.map(async (row) => ({
      checkId: Number(row.check_id),
      hostId: Number(row.host_id),
      url: await urlOf(platform, String(row.token)),
      lastAt: orNull(row.last_at),
      startedAt: orNull(row.started_at),
      runMs: row.run_ms === null ? null : Number(row.run_ms),
      body: row.body === null ? null : String(row.body),
      bodyAt: orNull(row.body_at),
    })),
  );
}

async function readRows({ db }: Platform, hostId: number | undefined) {
  const { rows } = await db.$client.execute({
    sql: `select a.check_id, c.host_id, a.token_hash, a.token, a.last_at, a.started_at, a.run_ms, a.body, a.body_at
          from answered a join check_ c on c.id = a.check_id
          where a.kind in (select value from json_each(?)) and c.deleted_at is null and c.host_id = coalesce(?, c.host_id) order by a.check_id`,
    args: [JSON.stringify(CALLED), hostId ?? null],
  });
  return rows;
}

/** A new token for a heartbeat; `anew`: in the place of the one that it has. */
export async function giveToken(platform: Platform, checkId: number, anew: boolean) {
  const token = base64url(platform.random(TOKEN_BYTES));
  return {
    sql: `update answered set token_hash = ?, token = ?
          where check_id = ? and (token_hash is null or ?)`,
    args: [await sha256(token), await seal(platform, { token }), checkId, anew ? 1 : 0],
  };
}

/**
 * Whoever calls knows the token: it is sealed anew where the present secret does not open what is kept (a backup holds only
 * its hash, and ANYUP_SECRET may be under replacement), so that the address can be shown again.
 */
export async function sealAnew(
  platform: Platform,
  checkId: number,
  token: string,
  sealed: string | null,
): Promise<void> {
  const { secret, previousSecret } = platform.config;
  if (secret === null || (sealed !== null && previousSecret === null)) return;
  if (sealed !== null && (await isSealedByPresent(platform, sealed))) return;
  const sql = 'update answered set token = ? where check_id = ? and token is ?';
  await write(platform.db, [{ sql, args: [await seal(platform, { token }), checkId, sealed] }]);
}

async function urlOf(platform: Platform, sealed: string): Promise<string | null> {
  try {
    const { token } = await open(platform, sealed);
    return `${platform.config.url}/beat/${token}`;
  } catch {
    return null;
  }
}
