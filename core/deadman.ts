// When a runner tells people by itself that Anyup is gone. Pure: what was seen and how much time passed come in, what
// is owed to which channel comes out. Time is counted in spans, so that no clock that jumps can hurry or stop it.
import { humanDuration } from './duration.ts';
import { utcText } from './instant.ts';
import type { Message } from './message.ts';

export const TROUBLES = ['unreachable', 'not_ingesting', 'not_dispatching'] as const;

export interface Trouble {
  kind: (typeof TROUBLES)[number];
  /** What was seen, in a sentence: "connection refused". */
  what: string;
}

export interface Seen {
  /** Null = the worker is well. */
  trouble: Trouble | null;
  /** This runner's own network works; while it does not, nothing that fails is the worker's fault. */
  sees: boolean;
  /** Since the look before, by a clock that never jumps. */
  passedMs: number;
  /** Only for words. */
  now: number;
}

export interface DeadmanState {
  /** As it was last seen; null = the worker is well, or nothing can be said of it. */
  trouble: Trouble | null;
  /** When it began, for words; null beside no trouble and no alarm. */
  sinceAt: number | null;
  /** How long it has lasted while this runner could see. */
  lastedMs: number;
  /** How long the worker has been well again after an alarm. */
  wellMs: number;
  /** Names of channels: those that know of it, and those that are owed it. */
  alarm: { told: string[]; owed: string[] } | null;
  /** Who was told of an outage that is over, and not yet that it is. */
  clear: { owed: string[]; sinceAt: number; lastedMs: number } | null;
}

export const QUIET: DeadmanState = {
  trouble: null,
  sinceAt: null,
  lastedMs: 0,
  wellMs: 0,
  alarm: null,
  clear: null,
};

export interface DeadmanRule {
  /** The wait of rank 0. */
  afterMs: number;
  /** The worker must have been well for so long before an alarm is taken back. */
  settleMs: number;
  channels: readonly string[];
}

/** Among the dead-men, from 0; each waits for its turn. */
export interface Rank {
  rank: number;
  of: number;
}

/** Rank r waits (1 + r) times as long as rank 0: 3 + 3r minutes. One that was never told its rank is the first. */
export function waitMs({ afterMs }: DeadmanRule, rank: Rank | null): number {
  return afterMs * (1 + (rank?.rank ?? 0));
}

/** One look. The same look twice owes nothing twice. */
export function stepDeadman(
  before: DeadmanState,
  seen: Seen,
  rule: DeadmanRule,
  rank: Rank | null,
): DeadmanState {
  if (seen.trouble === null) return afterWell(before, seen, rule);
  if (!seen.sees) {
    // An alarm that was raised stands; what was on its way to become one begins anew.
    return before.alarm ? { ...before, wellMs: 0 } : { ...QUIET, clear: before.clear };
  }
  const goesOn = before.trouble !== null || before.alarm !== null;
  const lastedMs = goesOn ? before.lastedMs + seen.passedMs : 0;
  const state = {
    ...before,
    trouble: seen.trouble,
    sinceAt: before.sinceAt ?? seen.now,
    lastedMs,
    wellMs: 0,
  };
  if (state.alarm !== null || lastedMs < waitMs(rule, rank)) return state;
  // Whoever has not heard yet that the outage before is over hears of this one instead.
  return { ...state, alarm: { told: [], owed: [...rule.channels] }, clear: null };
}

function afterWell(before: DeadmanState, { passedMs }: Seen, rule: DeadmanRule): DeadmanState {
  if (before.alarm === null) return { ...QUIET, clear: before.clear };
  const wellMs = before.trouble === null ? before.wellMs + passedMs : 0;
  if (wellMs < rule.settleMs) return { ...before, trouble: null, wellMs };
  const { told } = before.alarm;
  if (told.length === 0) return QUIET;
  const clear = { owed: told, sinceAt: before.sinceAt ?? 0, lastedMs: before.lastedMs };
  return { ...QUIET, clear };
}

/** What may be sent now: an alarm only while the trouble lasts, an all-clear only while there is none. */
export function owedNow(
  { trouble, alarm, clear }: DeadmanState,
  sees: boolean,
): { what: 'alarm' | 'clear'; channels: readonly string[] } {
  if (trouble !== null) return { what: 'alarm', channels: sees ? (alarm?.owed ?? []) : [] };
  return { what: 'clear', channels: alarm === null ? (clear?.owed ?? []) : [] };
}

/** A channel has taken what it was owed. */
export function delivered(
  state: DeadmanState,
  what: 'alarm' | 'clear',
  channel: string,
): DeadmanState {
  const without = (names: readonly string[]) => names.filter((name) => name !== channel);
  if (what === 'alarm') {
    if (state.alarm === null) return state;
    const { told, owed } = state.alarm;
    return { ...state, alarm: { told: [...told, channel], owed: without(owed) } };
  }
  if (state.clear === null) return state;
  const owed = without(state.clear.owed);
  return { ...state, clear: owed.length === 0 ? null : { ...state.clear, owed } };
}

/** Who speaks, and of whom. */
export interface Speaker {
  /** The worker's address. */
  url: string;
  runner: string;
  location: string;
  rank: Rank | null;
}

const SAYS: Record<Trouble['kind'], string> = {
  unreachable: 'has not answered for',
  not_ingesting: 'has taken no results for',
  not_dispatching: 'has not sent what is due for',
};

export function alarmMessage(state: DeadmanState, speaker: Speaker, rule: DeadmanRule): Message {
  const { trouble, lastedMs, sinceAt } = state;
  const says = SAYS[trouble?.kind ?? 'unreachable'];
  return {
    subject: `Anyup at ${speaker.url} ${says} ${humanDuration(lastedMs)}`,
    lines: [
      `What was seen: ${trouble?.what ?? 'nothing'}.`,
      `Seen by runner ${speaker.runner} from ${placeOf(speaker)}, whose own network works.`,
      ...(sinceAt === null ? [] : [`Since ${utcText(sinceAt)}.`]),
      ...turnsOf(speaker.rank, rule),
      'While this lasts, Anyup itself may tell you nothing.',
    ],
    mood: 'down',
  };
}

export function clearMessage(
  { lastedMs, sinceAt }: NonNullable<DeadmanState['clear']>,
  speaker: Speaker,
): Message {
  return {
    subject: `Anyup at ${speaker.url} is back after ${humanDuration(lastedMs)}`,
    lines: [
      `Seen by runner ${speaker.runner} from ${placeOf(speaker)}.`,
      `It was away from ${utcText(sinceAt)} on.`,
    ],
    mood: 'up',
  };
}

export function deadmanTest(speaker: Speaker): Message {
  return {
    subject: `Test message of runner ${speaker.runner}`,
    lines: [
      `This runner tells you here when Anyup at ${speaker.url} is gone. Nothing is wrong.`,
      `It stands in ${placeOf(speaker)}.`,
    ],
    mood: 'info',
  };
}

/** It cannot know what the others did, only whose turn it was. */
function turnsOf(rank: Rank | null, { afterMs }: DeadmanRule): string[] {
  if (rank === null || rank.of < 2) return [];
  const before =
    rank.rank === 0
      ? ''
      : ' Those before it had their turn: they told you already, or they see Anyup, or nobody sees them.';
  const after =
    rank.rank + 1 === rank.of
      ? ''
      : ` The next one that sees the same tells you in ${humanDuration(afterMs)}.`;
  return [`It is dead-man ${rank.rank + 1} of ${rank.of}.${before}${after}`];
}

function placeOf({ location }: Speaker): string {
  return location === '' ? 'a place without a name' : location;
}
