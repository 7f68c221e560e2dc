import * as z from 'zod';
import { bumpConfig, fleetStatement } from '#db/plan.ts';
import { write } from '#db/write.ts';
import { hashJoinCode, newJoinCode } from '#worker/auth/joinCode.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { auditRow } from '../auditRow.ts';
import { countField, nameField } from '../fields.ts';
import { ensureLocation } from '../locations/ensure.ts';
import { parseInput } from '../parse.ts';
import { permit } from '../permit.ts';
import { joinCommands } from './commands.ts';
import type { NewJoinCode } from './model.ts';

const LIFE_MS = 15 * 60_000;

export const joinCodeInput = z.strictObject({
  name: nameField(64).optional().meta({ description: 'what the runner will be called' }),
  location: nameField(64).optional().meta({ description: 'made when there is none of that name' }),
  uses: countField(1, 100).default(1),
});

/** A code that lets runners join for 15 minutes, with the commands to paste. */
export async function createJoinCode(
  platform: Platform,
  actor: Actor,
  input: unknown,
): Promise<NewJoinCode> {
  permit(actor, 'owner');
  const { name = null, location = null, uses } = parseInput(joinCodeInput, input);
  const code = newJoinCode(platform.random);
  const hash = await hashJoinCode(code);
  const now = platform.now();
  const made = { name, location, usesLeft: uses, expiresAt: now + LIFE_MS };
  await write(platform.db, [
    { sql: 'delete from join_code where expires_at < ?', args: [now] },
    ...(location === null
      ? []
      : [ensureLocation(platform, location), ...bumpConfig(), fleetStatement]),
    {
      sql: `insert into join_code (hash, name, location_id, uses_left, expires_at, created_at)
            values (?, ?, (select id from location where name = ?), ?, ?, ?)`,
      args: [hash, name, location, uses, made.expiresAt, now],
    },
    auditRow(platform, actor, {
      action: 'joinCode.create',
      subject: `join code for ${location ?? 'a place the runner names'}`,
      before: null,
      after: made,
    }),
  ]);
  return { id: hash, ...made, code, ...joinCommands(platform.config, code) };
}
