// Programs: an API token, or the owner's access key.
import { sameText, sha256 } from '#worker/crypto/hash.ts';
import type { Actor, AppContext, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import { countFailure, refuseWhenTired } from './attempts.ts';
import { peerOf } from './peer.ts';

export const TOKEN_PREFIX = 'anyup_';

/** Who the Authorization header says it is; null without one. What is neither a token nor the key is refused. */
export async function actorOfBearer(c: AppContext): Promise<Actor | null> {
  const header = c.req.header('authorization');
  if (header === undefined) return null;
  const text = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(header)?.[1];
  const actor = text === undefined ? null : await actorOf(c.env, text);
  if (actor) return actor;
  const address = `bearer ${peerOf(c)}`;
  const now = c.env.now();
  refuseWhenTired(address, now);
  countFailure(address, now);
  throw new Problem('unauthenticated', {
    detail: 'The Bearer is neither an API token nor the access key, or it has expired.',
    headers: { 'www-authenticate': 'Bearer' },
  });
}

async function actorOf(platform: Platform, text: string): Promise<Actor | null> {
  const hash = await sha256(text);
  if (!text.startsWith(TOKEN_PREFIX)) {
    const { accessKeyHash } = platform.config;
    const isKey = accessKeyHash !== null && sameText(hash, accessKeyHash);
    return isKey ? { name: 'owner', role: 'owner', via: 'key' } : null;
  }
  const { rows } = await platform.db.$client.execute({
    sql: 'select name, scope from token where hash = ? and (expires_at is null or expires_at > ?)',
    args: [hash, platform.now()],
  });
  if (!rows[0]) return null;
  const role = rows[0].scope === 'write' ? 'editor' : 'viewer';
  return { name: `token ${rows[0].name}`, role, via: 'token' };
}
