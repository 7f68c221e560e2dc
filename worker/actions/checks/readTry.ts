import * as z from 'zod';
import { HERE, HERE_NAME } from '#core/assign.ts';
import { humanRtt } from '#core/duration.ts';
import { statusOf } from '#core/level.ts';
import type { Measurement } from '#core/reading.ts';
import { isReasonCode, publicReason, REASONS } from '#core/reason.ts';
import type { AskAnswer } from '#core/wire/ask.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import { parseInput } from '../parse.ts';
import { permit } from '../permit.ts';
import type { TryModel } from './model.ts';

const POLL_MS = 500;

export const byAskId = z.strictObject({ id: z.string().min(1).max(64) });

/** How far a try has come, and what was measured. */
export async function readTry(platform: Platform, actor: Actor, input: unknown): Promise<TryModel> {
  permit(actor, 'editor');
  const { id } = parseInput(byAskId, input);
  const { rows } = await platform.db.$client.execute({
    sql: `select a.runner_id, a.taken_at, a.expires_at, a.answer, r.name as runner
          from ask a left join runner r on r.id = a.runner_id
          where a.id = ? and a.body ->> '$.type' = 'try'`,
    args: [id],
  });
  const [row] = rows;
  if (!row) throw new Problem('not_found', { detail: 'There is no such try.' });
  const runnerId = Number(row.runner_id);
  const runner = runnerId === HERE ? HERE_NAME : String(row.runner);
  const base = { askId: id, runnerId, runner, status: null };
  const open = { ...base, measurement: null, findings: [], certificate: null, proposes: null };
  if (row.answer !== null) return answered(base, JSON.parse(String(row.answer)) as AskAnswer);
  if (Number(row.expires_at) <= platform.now()) {
    const words = `${runner} did not answer in time; is it running?`;
    return { ...open, state: 'expired', words, pollAfterMs: null };
  }
  if (row.taken_at !== null) {
    return { ...open, state: 'taken', words: `${runner} is probing`, pollAfterMs: POLL_MS };
  }
  const words = `waiting for ${runner} to fetch it`;
  return { ...open, state: 'waiting', words, pollAfterMs: POLL_MS };
}

function answered(
  base: Pick<TryModel, 'askId' | 'runnerId' | 'runner'>,
  { measurement, findings = [], certificate, proposes }: AskAnswer,
): TryModel {
  return {
    ...base,
    state: 'answered',
    status: statusOf(measurement.level),
    words: inWords(base.runnerId === HERE ? 'worker' : 'runner', measurement as Measurement),
    measurement,
    findings,
    certificate: certificate ?? null,
    proposes: proposes ?? null,
    pollAfterMs: null,
  };
}

/** "up, 12 ms" · "down: connection refused (…)" · "cannot be measured here: … Mend: …" */
function inWords(who: string, { level, rttUs, code, text }: Measurement): string {
  const reason = publicReason(code);
  const particulars = text === '' || text === reason ? '' : ` (${text})`;
  if (level === null) {
    const mend = isReasonCode(code) ? ` ${REASONS[code].mend}` : '';
    return `this ${who} cannot measure it: ${reason}${particulars}.${mend}`;
  }
  const status = statusOf(level);
  const rtt = rttUs === null ? '' : `, ${humanRtt(rttUs)}`;
  return status === 'up' ? `up${rtt}` : `${status}${rtt}: ${reason}${particulars}`;
}
