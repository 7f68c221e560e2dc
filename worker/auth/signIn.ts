// How the owner proves to be the owner: the generated access key, or a link that works once.
import { write } from '#db/write.ts';
import { base64url, sameText, sha256 } from '#worker/crypto/hash.ts';
import type { Actor, AppContext, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import { limitAttempts } from './attempts.ts';
import { refuseUnlessConfigured } from './configured.ts';
import { endSession, startSession } from './session.ts';

const LINK_LIFE_MS = 15 * 60_000;

/** Compares with the owner's access key and sets the session cookie; refuses with unauthenticated, too_many or not_configured. */
export async function signInWithKey(c: AppContext, key: string): Promise<Actor> {
  refuseUnlessConfigured(c.env.config);
  return attempt(c, 'This is not the access key.', async () => {
    const { accessKeyHash } = c.env.config;
    const hash = await sha256(key.trim());
    return accessKeyHash !== null && sameText(hash, accessKeyHash)
      ? startSession(c, 'owner', 'key')
      : null;
  });
}

/** Uses up a one-time link and sets the session cookie; refuses when it is wrong, used or expired. */
export async function signInWithLink(c: AppContext, secret: string): Promise<Actor> {
  refuseUnlessConfigured(c.env.config);
  const refusal = 'This link is used up or has expired. Make a new one with `npm run anyup link`.';
  return attempt(c, refusal, async () => {
    const now = c.env.now();
    const [used] = await write(c.env.db, [
      {
        sql: 'update sign_in_link set used_at = ? where hash = ? and used_at is null and expires_at > ?',
        args: [now, await sha256(secret.trim()), now],
      },
    ]);
    return used?.rowsAffected === 1 ? startSession(c, 'owner', 'link') : null;
  });
}

/** Ends the session and clears its cookie. */
export async function signOut(c: AppContext): Promise<void> {
  await endSession(c);
}

/** A link that signs the owner in once within 15 minutes: `<url>/sign-in#<secret>`. */
export async function createSignInLink(platform: Platform): Promise<{ url: string }> {
  const secret = base64url(platform.random(32));
  const now = platform.now();
  await write(platform.db, [
    { sql: 'delete from sign_in_link where expires_at <= ?', args: [now] },
    {
      sql: 'insert into sign_in_link (hash, expires_at) values (?, ?)',
      args: [await sha256(secret), now + LINK_LIFE_MS],
    },
  ]);
  return { url: `${platform.config.url}/sign-in#${secret}` };
}

function attempt(
  c: AppContext,
  refusal: string,
  prove: () => Promise<Actor | null>,
): Promise<Actor> {
  return limitAttempts(c, 'sign-in', 'unauthenticated', async () => {
    const actor = await prove();
    if (actor) return actor;
    throw new Problem('unauthenticated', { detail: refusal });
  });
}
