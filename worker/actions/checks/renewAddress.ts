import { write } from '#db/write.ts';
import { giveToken, readHeartbeats } from '#worker/answers/addresses.ts';
import { CALLED } from '#worker/answers/index.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import { auditRow } from '../auditRow.ts';
import { byId } from '../fields.ts';
import type { HeartbeatModel } from '../hosts/model.ts';
import { parseInput } from '../parse.ts';
import { permit } from '../permit.ts';
import { readWorkerCheck } from './workerCheck.ts';

/** Gives a heartbeat another address; the one before is taken no more. */
export async function renewAddress(
  platform: Platform,
  actor: Actor,
  input: unknown,
): Promise<HeartbeatModel> {
  permit(actor, 'editor');
  const { id } = parseInput(byId, input);
  const check = await readWorkerCheck(platform, id, CALLED, 'is called by no job');
  await write(platform.db, [
    await giveToken(platform, id, true),
    auditRow(platform, actor, {
      action: 'check.renewAddress',
      subject: `check ${id} (${check.name})`,
      before: null,
      after: null,
    }),
  ]);
  const all = await readHeartbeats(platform, check.hostId);
  const found = all.find(({ checkId }) => checkId === id);
  if (!found) throw new Problem('conflict', { detail: 'The check was removed meanwhile.' });
  const { hostId: _, ...heartbeat } = found;
  return heartbeat;
}
