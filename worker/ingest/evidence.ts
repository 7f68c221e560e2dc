// `POST /api/v1/runner/evidence`: what a runner saw when a check turned for it. It waits by check and time for the
// incident it belongs to; whatever becomes of it, results do not depend on it.
import { isAssigned } from '#core/assign.ts';
import { type EvidencePack, type EvidenceReply, evidencePackSchema } from '#core/wire/evidence.ts';
import { EVIDENCE_SLACK_MS, EVIDENCE_WAITS_MS, evidenceKeysOf } from '#db/evidence.ts';
import { write } from '#db/write.ts';
import type { SignedCall } from '#worker/auth/runnerToken.ts';
import type { Platform } from '#worker/platform.ts';
import { parseOrRefuse } from '#worker/problem.ts';
import { inflate, parseObject } from './body.ts';
import { type Caller, identifyRunner } from './caller.ts';
import { configurationOf } from './configuration.ts';

/** Of one sort and one incident: more would only say the same. */
const MOST_OF_A_TURN = 8;
/** Of one runner: beyond, its oldest go. */
const MOST_OF_A_RUNNER = 1000;
const MOST_AHEAD_MS = 60_000;

export async function takeEvidence(
  platform: Platform,
  call: SignedCall & { body: Uint8Array<ArrayBuffer>; encoding: string | undefined },
): Promise<EvidenceReply> {
  const caller = await identifyRunner(platform, call);
  const body = parseObject(await inflate(call.body, call.encoding));
  const pack = parseOrRefuse(evidencePackSchema, body);
  const now = platform.now();
  const timely = pack.at <= now + MOST_AHEAD_MS && pack.at >= now - EVIDENCE_WAITS_MS;
  const stored =
    timely && (await isOwn(platform, caller, pack)) && (await keep(platform, caller, pack));
  return { stored, now };
}

/** As with results: what is not, or no longer, the runner's to report is passed over. */
async function isOwn(platform: Platform, caller: Caller, { checkId }: EvidencePack) {
  const { rows } = await platform.db.$client.execute({
    sql: 'select shard from check_ where id = ? and deleted_at is null',
    args: [checkId],
  });
  const shard = rows[0]?.shard;
  if (shard == null) return false;
  const { plan, fleet } = await configurationOf(platform, Number(shard), caller.configVersion);
  const check = plan.byId.get(checkId);
  const me = fleet.runners.find(({ id }) => id === caller.runnerId);
  return check !== undefined && me !== undefined && isAssigned(check, me, fleet.locations);
}

/** Once each, and no more of a sort than an incident needs; false when it was one too many. */
async function keep({ db, now }: Platform, caller: Caller, pack: EvidencePack): Promise<boolean> {
  const { v: _, checkId, turn, at, ...said } = pack;
  const [first, last] = evidenceKeysOf(caller.runnerId);
  const same = 'select 1 from evidence where check_id = ? and at = ? and k between ? and ?';
  const isSame = [checkId, at, first, last];
  const [, , found] = await write(db, [
    {
      sql: `insert into evidence (k, check_id, location_id, turn, at, body)
            select coalesce((select max(k) from evidence where k between ? and ?), ?) + 1, ?, ?, ?, ?, ?
            where not exists (${same}) and (
              select count(*) from evidence where check_id = ? and turn = ? and at >= min(?, coalesce(
                (select max(opened_at) from incident where check_id = ? and closed_at is null), ?)) - ?) < ?`,
      args: [
        ...[first, last, first],
        ...[checkId, caller.locationId, turn, at, JSON.stringify(said)],
        ...isSame,
        ...[checkId, turn, at, checkId, now(), EVIDENCE_SLACK_MS, MOST_OF_A_TURN],
      ],
    },
    {
      sql: `delete from evidence where k between ?1
              and (select max(k) from evidence where k between ?1 and ?2) - ?3`,
      args: [first, last, MOST_OF_A_RUNNER],
    },
    { sql: same, args: isSame },
  ]);
  return (found?.rows ?? []).length > 0;
}
