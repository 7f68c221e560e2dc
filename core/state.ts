// What Anyup holds to be true of a check, and what follows when that changes. Level-triggered: the same verdict
// twice changes nothing; time enters as input.
import { type KnownStatus, type Level, rankOf, type Status } from './level.ts';
import type { Verdict, VerdictRule } from './merge.ts';

/** One location alone may say "up" against the others for this long before it is called disputed. */
export const DISPUTED_AFTER_MS = 10 * 60_000;

export interface CheckState {
  status: Status;
  level: Level | null;
  /** When the status began (effective time: the readings that confirmed it), epoch ms. */
  sinceAt: number;
  /** The last known status people were told, or would have been; null = none yet. */
  lastTold: KnownStatus | null;
  /** The open incident: from the first known status that is not up to the next known up, through any unknown. */
  incident: OpenIncident | null;
  /** Since when one location stands alone with "up" (kept through unknown); null = not so. */
  loneSinceAt: number | null;
  /** The dispute has been told. */
  disputed: boolean;
}

export interface OpenIncident {
  /** Stable over retries of the same decision: the check's id and the opening time make it. */
  openedAt: number;
  worst: KnownStatus;
}

/** A change of a check's status: a row with a reason. */
export interface Flip {
  from: Status;
  to: Status;
  level: Level | null;
  /** When it was decided. */
  at: number;
  /** When it began. */
  sinceAt: number;
  rule: VerdictRule | 'paused';
  code: string;
  text: string;
}

export type StateEvent =
  | { type: 'flip'; flip: Flip }
  | { type: 'incident.opened'; openedAt: number; status: KnownStatus }
  | { type: 'incident.worsened'; openedAt: number; worst: KnownStatus }
  | { type: 'incident.closed'; openedAt: number; closedAt: number }
  /** A message is owed: the known status differs from what was told last. */
  | {
      type: 'tell';
      from: KnownStatus | null;
      to: KnownStatus;
      incidentOpenedAt: number | null;
      /** The worst status of that incident: whoever was told of it is told of what follows. */
      worst: KnownStatus;
    }
  | { type: 'disputed'; locationId: number }
  | { type: 'undisputed' };

/** `at`: since when nobody could tell; 0 = since ever, so that the first status begins with its readings. */
export function newState(at: number): CheckState {
  return {
    status: 'unknown',
    level: null,
    sinceAt: at,
    lastTold: null,
    incident: null,
    loneSinceAt: null,
    disputed: false,
  };
}

/**
 * Judges a verdict at `now`. An unchanged state comes back as the same object with no events. `quiet`: planned work is
 * under way, so everything is recorded and nothing told; what then still differs from what was told is owed afterwards.
 */
export function step(
  before: CheckState,
  verdict: Verdict,
  now: number,
  quiet = false,
): { state: CheckState; events: StateEvent[] } {
  const events: StateEvent[] = [];
  if (isOlderNews(before, verdict)) return { state: before, events };
  let state = before;
  if (verdict.status !== before.status) state = flip(state, verdict, now, events);
  else if (verdict.level !== before.level) state = { ...state, level: verdict.level };
  if (verdict.status !== 'unknown') {
    state = keepIncident(state, verdict.status, events);
    if (quiet) return { state, events };
    state = tell(state, verdict.status, before, events);
    state = dispute(state, verdict, now, events);
  }
  return { state, events };
}

/**
 * Whoever calls it up has not reached it since it went down: a runner that was cut off brings what it measured before. Its
 * newest reading decides, and that comes.
 */
export function isOlderNews(before: CheckState, { status, reachedAt }: Verdict): boolean {
  if (status === 'down' || status === 'unknown' || reachedAt === undefined) return false;
  if (before.status === 'down') return reachedAt < before.sinceAt;
  const { incident } = before;
  return before.status === 'unknown' && incident?.worst === 'down' && reachedAt < incident.openedAt;
}

/**
 * A check that is not watched for a while: nobody can tell, and its incident ends here. What was told stays told, so
 * that people hear of its recovery afterwards.
 */
export function pause(
  before: CheckState,
  now: number,
): { state: CheckState; events: StateEvent[] } {
  const events: StateEvent[] = [];
  let state = before;
  if (before.incident !== null) {
    events.push({ type: 'incident.closed', openedAt: before.incident.openedAt, closedAt: now });
    state = { ...state, incident: null };
  }
  if (before.status !== 'unknown') {
    const flip: Flip = {
      from: before.status,
      to: 'unknown',
      level: null,
      at: now,
      sinceAt: now,
      rule: 'paused',
      code: '',
      text: '',
    };
    events.push({ type: 'flip', flip });
    state = { ...state, status: 'unknown', level: null, sinceAt: now };
  }
  return { state: { ...state, loneSinceAt: null, disputed: false }, events };
}

function flip(state: CheckState, verdict: Verdict, now: number, events: StateEvent[]): CheckState {
  // Readings older than the status they end did not end it: a vote that came or went did, and that was now.
  const { sinceAt: saidSinceAt } = verdict;
  const sinceAt =
    saidSinceAt !== null && saidSinceAt > state.sinceAt ? Math.min(now, saidSinceAt) : now;
  const { status, level, rule, code, text } = verdict;
  events.push({
    type: 'flip',
    flip: { from: state.status, to: status, level, at: now, sinceAt, rule, code, text },
  });
  return { ...state, status, level, sinceAt };
}

function keepIncident(state: CheckState, status: KnownStatus, events: StateEvent[]): CheckState {
  const { incident, sinceAt } = state;
  if (status === 'up') {
    if (incident === null) return state;
    events.push({ type: 'incident.closed', openedAt: incident.openedAt, closedAt: sinceAt });
    return { ...state, incident: null };
  }
  if (incident === null) {
    events.push({ type: 'incident.opened', openedAt: sinceAt, status });
    return { ...state, incident: { openedAt: sinceAt, worst: status } };
  }
  if (rankOf(status) <= rankOf(incident.worst)) return state;
  events.push({ type: 'incident.worsened', openedAt: incident.openedAt, worst: status });
  return { ...state, incident: { ...incident, worst: status } };
}

function tell(
  state: CheckState,
  status: KnownStatus,
  before: CheckState,
  events: StateEvent[],
): CheckState {
  if (status === state.lastTold) return state;
  // The first thing ever known of a check is told only when it is not "up".
  if (state.lastTold !== null || status !== 'up') {
    const incident = state.incident ?? before.incident;
    const incidentOpenedAt = incident?.openedAt ?? null;
    const worst = incident?.worst ?? worse(state.lastTold ?? 'up', status);
    events.push({ type: 'tell', from: state.lastTold, to: status, incidentOpenedAt, worst });
  }
  return { ...state, lastTold: status };
}

function dispute(
  state: CheckState,
  { lone, locations }: Verdict,
  now: number,
  events: StateEvent[],
): CheckState {
  if (lone === null) {
    if (state.loneSinceAt === null && !state.disputed) return state;
    // Who contradicted and is missing now has not been convinced.
    const reaching = locations.filter(({ status }) => status === 'up' || status === 'degraded');
    if (reaching.length === 1 && locations.some(({ missing }) => missing !== null)) return state;
    if (state.disputed) events.push({ type: 'undisputed' });
    return { ...state, loneSinceAt: null, disputed: false };
  }
  const loneSinceAt = state.loneSinceAt ?? now;
  if (!state.disputed && now - loneSinceAt > DISPUTED_AFTER_MS) {
    events.push({ type: 'disputed', locationId: lone });
    return { ...state, loneSinceAt, disputed: true };
  }
  return state.loneSinceAt === loneSinceAt ? state : { ...state, loneSinceAt };
}

function worse(a: KnownStatus, b: KnownStatus): KnownStatus {
  return rankOf(a) > rankOf(b) ? a : b;
}
