// Sessions of people: a random cookie, signed, of which only the hash is kept.
import type { Context } from 'hono';
import { deleteCookie, getSignedCookie, setSignedCookie } from 'hono/cookie';
import { write } from '#db/write.ts';
import { auditRow } from '#worker/actions/auditRow.ts';
import { base64url, sha256 } from '#worker/crypto/hash.ts';
import { deriveKey } from '#worker/crypto/keys.ts';
import type { Actor, AppContext, Env } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';

const COOKIE = 'anyup_session';
const LIFE_S = 30 * 86_400;

/** Starts a session and sets its cookie; expired ones are swept out with the same write. */
export async function startSession(
  c: AppContext,
  role: Actor['role'],
  via: 'key' | 'link',
): Promise<Actor> {
  const { db, config, now, random } = c.env;
  if (!config.secret) throw new Problem('not_configured', { detail: 'ANYUP_SECRET is not set.' });
  const value = base64url(random(32));
  const createdAt = now();
  const actor: Actor = { name: role, role, via: 'session' };
  await write(db, [
    { sql: 'delete from session where expires_at <= ?', args: [createdAt] },
    {
      sql: 'insert into session (hash, role, via, created_at, expires_at) values (?, ?, ?, ?, ?)',
      args: [await sha256(value), role, via, createdAt, createdAt + LIFE_S * 1000],
    },
    auditRow(c.env, actor, {
      action: 'session.start',
      subject: `signed in by ${via}`,
      before: null,
      after: null,
    }),
  ]);
  await setSignedCookie(c as Context, COOKIE, value, await deriveKey(config.secret, 'cookie'), {
    path: '/',
    httpOnly: true,
    sameSite: 'Lax',
    secure: isHttps(c),
    maxAge: LIFE_S,
    ...(isHttps(c) && { prefix: 'host' as const }),
  });
  return actor;
}

/** Who the session cookie says it is; null without one, or when it is forged, unknown or expired. */
export async function actorOfSession(c: AppContext): Promise<Actor | null> {
  const value = await cookieOf(c);
  if (value === null) return null;
  const { rows } = await c.env.db.$client.execute({
    sql: 'select role from session where hash = ? and expires_at > ?',
    args: [await sha256(value), c.env.now()],
  });
  if (!rows[0]) return null;
  const role = String(rows[0].role) as Actor['role'];
  return { name: role, role, via: 'session' };
}

/** Ends the session and clears its cookie. */
export async function endSession(c: AppContext): Promise<void> {
  const value = await cookieOf(c);
  if (value !== null) {
    const hash = await sha256(value);
    await write(c.env.db, [
      {
        sql: `insert into audit (at, actor, action, subject)
              select ?, role, 'session.end', 'signed out' from session where hash = ?`,
        args: [c.env.now(), hash],
      },
      { sql: 'delete from session where hash = ?', args: [hash] },
    ]);
  }
  deleteCookie(c as Context, COOKIE, {
    path: '/',
    secure: isHttps(c),
    ...(isHttps(c) && { prefix: 'host' as const }),
  });
}

/** The value under a good signature, by the present secret or the one before it. */
async function cookieOf(c: Context<Env>): Promise<string | null> {
  const { secret, previousSecret } = c.env.config;
  for (const candidate of [secret, previousSecret]) {
    if (!candidate) continue;
    const key = await deriveKey(candidate, 'cookie');
    const value = await getSignedCookie(c as Context, key, COOKIE, isHttps(c) ? 'host' : undefined);
    if (value) return value;
  }
  return null;
}

function isHttps(c: Context<Env>): boolean {
  return c.env.config.url.startsWith('https:');
}
