// The views of one check, merged into a verdict. Pure; order and repeats do not matter.
import { type KnownStatus, type Level, rankOf, type Status, statusOf } from './level.ts';
import type { Policy } from './policy.ts';
import { hasVote, isFresh, type View } from './view.ts';

/** One assigned, enabled location with what it says. */
export interface LocationView {
  locationId: number;
  /** The view of its runner with the newest reading; null = it has never reported this check (at this revision). */
  view: View | null;
  /** Its runners have not posted for so long that none of its views count. */
  silent?: boolean;
  /** Its checks fail en masse while others see them up. */
  quarantined?: boolean;
  /** Another of its runners has a vote and says otherwise: which of them is newer decides, without any vote changing. */
  contested?: boolean;
}

/** Why a location has no vote. */
export type MissingReason =
  | 'new'
  | 'unconfirmed'
  | 'stale'
  | 'unable'
  | 'silent'
  | 'blind'
  | 'quarantined';

export interface LocationVerdict {
  locationId: number;
  /** What it says, or `unknown` when it has no vote. */
  status: Status;
  level: Level | null;
  /** Newest good RTT, not older than two intervals; null otherwise, and while it says down. */
  rttUs: number | null;
  /** Newest reading; 0 = none. */
  at: number;
  missing: MissingReason | null;
  code: string;
  text: string;
}

/** Which rule made the verdict. */
export type VerdictRule =
  | 'no_location' // nothing is assigned
  | 'none_known' // nobody has a vote
  | 'best' // any: the best location wins
  | 'all_bad' // any: every voter is bad, and nobody who could contradict is missing
  | 'witness_missing' // any: the only one that could reach it is missing
  | 'counted' // a counting policy, settled
  | 'could_change'; // a counting policy that missing locations could still turn

export interface Verdict {
  status: Status;
  level: Level | null;
  rttUs: number | null;
  rule: VerdictRule;
  /** When the views came to say so together (the last one needed); null while unknown. */
  sinceAt: number | null;
  /** Locations by what they say, in the order of their ids. */
  locations: LocationVerdict[];
  /** `witness_missing`: the locations whose last word was good. */
  witnesses: number[];
  /** any: the one location of three or more that says up while at least two others, who have seen it up, say down. */
  lone: number | null;
  /** When any of those who reach it last did; absent = nobody reaches it, or nobody is asked. */
  reachedAt?: number;
  /** Reason of the location that decided. */
  code: string;
  text: string;
}

export interface MergeInput {
  policy: Policy;
  locations: readonly LocationView[];
  intervalMs: number;
  /** The time by which freshness is judged (the clock stands still for a worker that was deaf). */
  now: number;
}

export function merge({ policy, locations, intervalMs, now }: MergeInput): Verdict {
  const unique = inOrder(locations) ? locations : onceInOrder(locations);
  const judged = unique.map((each) => judgeLocation(each, intervalMs, now));
  const decision =
    unique.length === 0
      ? unknown('no_location')
      : policy.type === 'any'
        ? mergeAny(unique, judged)
        : mergeCounted(policy, judged);
  const { status, level, rule, witnesses } = decision;
  const reachedAt = lastReached(unique, judged);
  const decider = judged.find((each) => each.level !== null && each.level === level);
  return {
    status,
    level,
    rule,
    witnesses,
    sinceAt: status === 'unknown' ? null : togetherSince(unique, judged, decision, status),
    rttUs: status === 'unknown' ? null : lowestRtt(judged.filter((each) => each.status === status)),
    locations: judged,
    lone: policy.type === 'any' ? loneVoice(unique, judged) : null,
    ...(reachedAt !== null && { reachedAt }),
    code: decider?.code ?? '',
    text: decider?.text ?? '',
  };
}

/** By id, each once, as they nearly always come. */
function inOrder(locations: readonly LocationView[]): boolean {
  for (let i = 1; i < locations.length; i++) {
    if ((locations[i] as LocationView).locationId <= (locations[i - 1] as LocationView).locationId)
      return false;
  }
  return true;
}

function onceInOrder(locations: readonly LocationView[]): LocationView[] {
  return [...new Map(locations.map((each) => [each.locationId, each])).values()].sort(
    (a, b) => a.locationId - b.locationId,
  );
}

interface Decision {
  status: Status;
  level: Level | null;
  rule: VerdictRule;
  witnesses: number[];
  /** How many locations must say at least this well, of how many that count. */
  needed: number;
  total: number;
}

function unknown(rule: VerdictRule, witnesses: number[] = []): Decision {
  return { status: 'unknown', level: null, rule, witnesses, needed: 0, total: 0 };
}

function judgeLocation(each: LocationView, intervalMs: number, now: number): LocationVerdict {
  const { locationId, view } = each;
  const missing = whyMissing(each, now);
  const at = view?.at ?? 0;
  if (view === null || missing !== null || view.level === null) {
    const { code = '', text = '' } = (missing === 'unable' ? view?.unable : view) ?? {};
    return { locationId, status: 'unknown', level: null, rttUs: null, at, missing, code, text };
  }
  const status = statusOf(view.level);
  const recent = status !== 'down' && view.rttAt > 0 && now - view.rttAt <= 2 * intervalMs;
  return {
    locationId,
    status,
    level: view.level,
    rttUs: recent ? view.rttUs : null,
    at,
    missing: null,
    code: view.code,
    text: view.text,
  };
}

function whyMissing(
  { view, silent, quarantined }: LocationView,
  now: number,
): MissingReason | null {
  if (silent) return 'silent';
  if (view === null) return 'new';
  if (quarantined) return 'quarantined';
  if (view.blind) return 'blind';
  if (hasVote(view, now)) return null;
  if (view.unable) return 'unable';
  if (view.at === 0) return 'new';
  return isFresh(view, now) ? 'unconfirmed' : 'stale';
}

function mergeAny(views: readonly LocationView[], judged: readonly LocationVerdict[]): Decision {
  const voters = judged.filter((each) => each.level !== null);
  if (voters.length === 0) return unknown('none_known');
  const level = Math.min(...voters.map((each) => each.level as Level));
  const status = statusOf(level);
  const total = voters.length;
  if (status !== 'down') return { status, level, rule: 'best', witnesses: [], needed: 1, total };
  const witnesses = missingWitnesses(views, judged);
  if (witnesses.length > 0) return unknown('witness_missing', witnesses);
  return { status, level, rule: 'all_bad', witnesses: [], needed: 1, total };
}

/**
 * Missing locations whose last confirmed word was good and newer than the start of the newest bad run among the
 * fresh views: nobody who is left saw the change, so nobody may say "down". Who never saw it good saw no change.
 */
function missingWitnesses(
  views: readonly LocationView[],
  judged: readonly LocationVerdict[],
): number[] {
  let newestBadRun = 0;
  for (const [index, { view }] of views.entries()) {
    if (judged[index]?.missing !== null || !view?.seenGood) continue;
    newestBadRun = Math.max(newestBadRun, view.badSinceAt ?? 0);
  }
  return views
    .filter(({ view }, index) => {
      if (judged[index]?.missing === null || view === null) return false;
      return view.lastGoodAt !== null && view.lastGoodAt >= newestBadRun;
    })
    .map(({ locationId }) => locationId);
}

/** The status that at least k locations reach, unless missing ones could still turn it. */
function mergeCounted(
  policy: Exclude<Policy, { type: 'any' }>,
  judged: LocationVerdict[],
): Decision {
  const counted =
    policy.type === 'required'
      ? judged.filter(({ locationId }) => policy.locations.includes(locationId))
      : judged;
  const total = counted.length;
  if (total === 0) return unknown('no_location');
  const needed =
    policy.type === 'majority'
      ? Math.floor(total / 2) + 1
      : policy.type === 'atLeast'
        ? Math.min(policy.n, total)
        : total;
  const known = counted
    .flatMap(({ level }) => (level === null ? [] : [level]))
    .sort((a, b) => a - b);
  if (known.length === 0) return unknown('none_known');
  const missing = total - known.length;
  // The needed-th best location decides; missing ones are put first (all up), then last (all down).
  const best = needed <= missing ? 'up' : statusAt(known, needed - missing);
  const worst = needed <= known.length ? statusAt(known, needed) : 'down';
  if (best !== worst) return unknown('could_change');
  const level = known[Math.min(needed, known.length) - 1] as Level;
  return { status: worst, level, rule: 'counted', witnesses: [], needed, total };
}

/**
 * A status holds once `needed` locations are at least that good and `total - needed + 1` at least that bad:
 * the later of the two moments, from how long each location has said what it says.
 */
function togetherSince(
  views: readonly LocationView[],
  judged: readonly LocationVerdict[],
  { needed, total }: Decision,
  status: KnownStatus,
): number | null {
  const rank = rankOf(status);
  const good: number[] = [];
  const bad: number[] = [];
  for (const [index, { view }] of views.entries()) {
    const said = judged[index]?.status;
    if (said === undefined || said === 'unknown' || view?.sinceAt == null) continue;
    if (rankOf(said) <= rank) good.push(view.sinceAt);
    if (rankOf(said) >= rank) bad.push(view.sinceAt);
  }
  const nth = (times: number[], n: number) =>
    times.sort((a, b) => a - b)[Math.min(n, times.length) - 1];
  const goodSince = status === 'down' ? undefined : nth(good, needed);
  const badSince = status === 'up' ? undefined : nth(bad, total - needed + 1);
  const times = [goodSince, badSince].filter((time) => time !== undefined);
  return times.length === 0 ? null : Math.max(...times);
}

function statusAt(sorted: readonly Level[], nth: number): KnownStatus {
  return statusOf(sorted[nth - 1] as Level);
}

function lastReached(
  views: readonly LocationView[],
  judged: readonly LocationVerdict[],
): number | null {
  const times = views.flatMap(({ view }, index) => {
    const status = judged[index]?.status;
    const reaches = status === 'up' || status === 'degraded';
    return reaches && view?.lastGoodAt != null ? [view.lastGoodAt] : [];
  });
  return times.length === 0 ? null : Math.max(...times);
}

function lowestRtt(judged: readonly LocationVerdict[]): number | null {
  let lowest: number | null = null;
  for (const { rttUs } of judged) {
    if (rttUs !== null && (lowest === null || rttUs < lowest)) lowest = rttUs;
  }
  return lowest;
}

function loneVoice(
  views: readonly LocationView[],
  judged: readonly LocationVerdict[],
): number | null {
  const reaching = judged.filter(({ status }) => status === 'up' || status === 'degraded');
  const lone = reaching.length === 1 && reaching[0]?.status === 'up' ? reaching[0] : undefined;
  if (!lone) return null;
  const contradicting = views.filter(({ view }, index) => {
    const verdict = judged[index] as LocationVerdict;
    return verdict.status === 'down' && view?.seenGood === true;
  });
  return contradicting.length >= 2 ? lone.locationId : null;
}
