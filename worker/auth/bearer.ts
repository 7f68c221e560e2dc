// Programs: an API token, or the owner's access key.
import { and, eq, gt, isNull, or } from 'drizzle-orm';
import { token } from '#db/schema.ts';
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
  const alive = or(isNull(token.expiresAt), gt(token.expiresAt, platform.now()));
  const [found] = await platform.db
    .select({ name: token.name, scope: token.scope })
    .from(token)
    .where(and(eq(token.hash, hash), alive));
  if (!found) return null;
  const role = found.scope === 'write' ? 'editor' : 'viewer';
  return { name: `token ${found.name}`, role, via: 'token' };
}
