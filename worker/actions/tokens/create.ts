import * as z from 'zod';
import { duration } from '#core/duration.ts';
import { write } from '#db/write.ts';
import { TOKEN_PREFIX } from '#worker/auth/bearer.ts';
import { base64url, sha256 } from '#worker/crypto/hash.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { auditRow } from '../auditRow.ts';
import { nameField } from '../fields.ts';
import { parseInput } from '../parse.ts';
import { permit } from '../permit.ts';
import type { NewToken } from './model.ts';

const DAY = 86_400_000;

export const tokenInput = z.strictObject({
  name: nameField(),
  scope: z
    .enum(['read', 'write'])
    .default('read')
    .meta({ description: 'write changes hosts; the rest takes the access key' }),
  expiresIn: duration(60_000, 3650 * DAY)
    .optional()
    .meta({ description: 'like "90d"; without, until it is revoked' }),
});

/** A token for programs, shown this once. */
export async function createToken(
  platform: Platform,
  actor: Actor,
  input: unknown,
): Promise<NewToken> {
  permit(actor, 'owner');
  const { name, scope, expiresIn } = parseInput(tokenInput, input);
  const text = TOKEN_PREFIX + base64url(platform.random(32));
  const createdAt = platform.now();
  const row = { name, scope, createdAt, expiresAt: expiresIn ? createdAt + expiresIn : null };
  const hash = await sha256(text);
  const [inserted] = await write(platform.db, [
    {
      sql: 'insert into token (name, hash, scope, created_at, expires_at) values (?, ?, ?, ?, ?) returning id',
      args: [name, hash, scope, createdAt, row.expiresAt],
    },
    auditRow(platform, actor, {
      action: 'token.create',
      subject: `token ${name}`,
      before: null,
      after: row,
    }),
  ]);
  return { id: Number(inserted?.rows[0]?.id), ...row, token: text };
}
