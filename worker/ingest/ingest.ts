// A post of results, from bytes to answer: verify, check the order, read, fold, store; judge when a vote changed.

import { isAssigned } from '#core/assign.ts';
import type { RunnerHealth } from '#core/wire/health.ts';
import type { ResultsAnswer } from '#core/wire/results.ts';
import { decodeResults, envelopeSchema, type Result } from '#core/wire/results.ts';
import { viewKey } from '#db/db.ts';
import { packHealth } from '#db/health.ts';
import type { Configuration } from '#db/plan.ts';
import { type ViewRecord, writableRow } from '#db/views.ts';
import { write } from '#db/write.ts';
import { answerQuietly } from '#worker/answers/look.ts';
import { resultClaims, type SignedCall } from '#worker/auth/runnerToken.ts';
import { lookQuietly } from '#worker/here/quietly.ts';
import { judge } from '#worker/judge/judge.ts';
import { parseSnapshot, snapshotStatements } from '#worker/judge/snapshot.ts';
import type { Platform } from '#worker/platform.ts';
import { Problem, parseOrRefuse } from '#worker/problem.ts';
import { takeAsks } from './asks.ts';
import { inflate, parseObject } from './body.ts';
import { type Caller, identifyRunner } from './caller.ts';
import { configurationOf, flushMsOf } from './configuration.ts';
import { confirmBurst, confirmsWaiting } from './confirm.ts';
import { noteDeadman } from './deadman.ts';
import { type Folded, foldResults, sortResults, storedResults } from './fold.ts';
import { refuseWithoutRoom } from './room.ts';
import { endsSilence } from './silence.ts';
import {
  anyClosed,
  nextRecord,
  type Post,
  resultsStatements,
  seenStatement,
  viewStatement,
} from './store.ts';
import { keepView } from './viewCache.ts';

/** Readings that are older than detail is kept have no place. */
const KEPT_HOURS = 720;
/** What comes late is history only. */
const NOTHING_FOLDED: Folded = { changed: new Set(), turned: [] };

/** `POST /api/v1/runner/results` */
export async function ingest(
  platform: Platform,
  call: SignedCall & { body: Uint8Array<ArrayBuffer>; encoding: string | undefined },
): Promise<ResultsAnswer> {
  let caller = await identifyRunner(platform, call);
  const read = await readResults(call);
  for (let attempt = 1; ; attempt++) {
    const outcome = await store(platform, caller, read);
    if (outcome !== 'overtaken') {
      await noteDeadman(platform, caller, read.runner);
      return answer(platform, caller, outcome);
    }
    // Another post of this runner was written between our read and our write: look again.
    if (attempt === 5) throw new Problem('busy', { headers: { 'retry-after': '1' } });
    caller = await identifyRunner(platform, call, { afresh: true });
  }
}

interface Read {
  results: Result[];
  /** What the runner says of itself. */
  runner: RunnerHealth | null;
}

async function readResults(call: {
  body: Uint8Array<ArrayBuffer>;
  encoding: string | undefined;
}): Promise<Read> {
  const body = parseObject(await inflate(call.body, call.encoding));
  const envelope = parseOrRefuse(envelopeSchema, body);
  const decoded = decodeResults(body, envelope);
  if (!decoded.ok) throw new Problem('invalid_input', { errors: decoded.issues });
  return { results: decoded.results, runner: envelope.runner ?? null };
}

interface Stored {
  configuration: Configuration;
  seq: number;
  dropped: number;
}

async function store(
  platform: Platform,
  caller: Caller,
  { results, runner }: Read,
): Promise<Stored | 'overtaken'> {
  const claims = resultClaims(caller.claims);
  const { view, runnerId } = caller;
  const { shard, stream, seq, boot } = claims;
  const configuration = await configurationOf(platform, shard, caller.configVersion);
  const flushMs = flushMsOf(platform, configuration);
  const now = platform.now();
  const health = runner && packHealth(runner, now);
  const post: Post = { shard, runnerId, stream, seq, boot, hash: claims.body, health };
  const wasSilent =
    view !== null &&
    endsSilence(configuration, { runnerId, postedAt: view.postedAt, now, flushMs });

  if (results.length === 0) {
    const held = heldSeq(view, stream);
    if (seq !== held) return refuse(caller, held, now);
    await seen(platform, post, view, now);
    if (wasSilent) await judge(platform, shard, configuration, null);
    return { configuration, seq, dropped: 0 };
  }
  if (isRepeat(post, view)) {
    if (view !== null && view.seq !== view.judgedSeq)
      await judge(platform, shard, configuration, null);
    return { configuration, seq, dropped: 0 };
  }
  if (seq !== heldSeq(view, stream) + 1) return refuse(caller, heldSeq(view, stream), now);

  const me = configuration.fleet.runners.find(({ id }) => id === runnerId);
  const { byCheck, dropped } = sortResults(results, {
    planned: (id) => configuration.plan.byId.get(id),
    assigned: (check) => me !== undefined && isAssigned(check, me, configuration.fleet.locations),
    now,
    reachMs: (configuration.fleet.keptHours ?? KEPT_HOURS) * 3_600_000,
  });
  const row = writableRow(view, now);
  const { changed, turned } =
    stream === 'live' ? foldResults(row, byCheck, flushMs, now) : NOTHING_FOLDED;
  const unjudged = view !== null && view.seq !== view.judgedSeq;
  const quiet = changed.size === 0 && !wasSilent && !unjudged;
  const body = { bytes: row.bytes(), baseAt: row.baseAt };
  const fresh = storedResults(byCheck);
  if (anyClosed(fresh, now)) await refuseWithoutRoom(platform, shard);
  const burst = confirmBurst(platform, turned, caller.locationId, configuration);
  const kept = [...resultsStatements(post, fresh, now), ...burst.statements];
  const written = await write(platform.db, [
    viewStatement(post, view, body, now, quiet),
    ...kept,
    ...(quiet ? [] : snapshotStatements(shard)),
  ]);
  if (written[0]?.rowsAffected === 0) return 'overtaken';
  burst.written();
  platform.ring?.(burst.runnerIds);
  if (burst.here.size > 0) platform.defer(() => lookQuietly(platform, burst.here));
  let judged = quiet;
  if (!quiet) {
    const only = wasSilent || unjudged ? null : changed;
    judged = await judge(
      platform,
      shard,
      configuration,
      only,
      parseSnapshot(shard, written.slice(1 + kept.length)),
    );
    platform.defer(() => answerQuietly(platform));
  }
  keepView(platform, viewKey(shard, runnerId), nextRecord(post, view, row, now, judged));
  return { configuration, seq, dropped };
}

/** A refusal on what this isolate remembers needs a second look first. */
function refuse(caller: Caller, held: number, now: number): 'overtaken' {
  if (caller.remembered) return 'overtaken';
  throw outOfOrder(held, now);
}

function heldSeq(view: ViewRecord | null, stream: 'live' | 'late'): number {
  return (stream === 'live' ? view?.liveSeq : view?.lateSeq) ?? 0;
}

function isRepeat({ stream, seq, hash }: Post, view: ViewRecord | null): boolean {
  if (view === null) return false;
  return stream === 'live'
    ? view.liveSeq === seq && view.liveHash === hash
    : view.lateSeq === seq && view.lateHash === hash;
}

function outOfOrder(held: number, now: number): Problem {
  return new Problem('sequence', {
    detail: `The number held here is ${held}; go on above it.`,
    extra: { seq: held, now },
  });
}

/** A runner that posts nothing often costs a row only every ten seconds, or when it has something to say of itself. */
async function seen(
  platform: Platform,
  post: Post,
  view: ViewRecord | null,
  now: number,
): Promise<void> {
  if (view !== null && post.health == null && now - view.postedAt < 10_000) return;
  await write(platform.db, [seenStatement(post, now)]);
}

async function answer(platform: Platform, caller: Caller, stored: Stored): Promise<ResultsAnswer> {
  return {
    seq: stored.seq,
    configVersion: Math.max(caller.configVersion, stored.configuration.version),
    now: platform.now(),
    flushMs: flushMsOf(platform, stored.configuration),
    dropped: stored.dropped,
    ...(platform.ring && { channel: true }),
    asks: [
      ...(await takeAsks(platform, caller)),
      ...confirmsWaiting(caller.confirm, platform.now()),
    ],
  };
}
