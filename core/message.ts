// A notice in plain words, for every channel alike. Channels do the mark-up; there is none here.
import { isOwnWord } from './assign.ts';
import { utcText } from './instant.ts';
import type { Verdict } from './merge.ts';
import { renderCheck, renderDisputed, sinceAndWhy } from './messages/check.ts';
import { renderFleet } from './messages/fleet.ts';
import type { Notice } from './notice.ts';
import { oneLine } from './text.ts';
import { listNames, type Seen, whoCannot, whoIsMissing, whoSees } from './voices.ts';

export type Mood = 'down' | 'degraded' | 'up' | 'info';

export interface Message {
  /** One line, complete in itself. */
  subject: string;
  /** What follows it; the last line is the link. */
  lines: string[];
  mood: Mood;
}

/** One notice as a message. */
export function renderNotice(notice: Notice): Message {
  switch (notice.type) {
    case 'check':
      return renderCheck(notice);
    case 'disputed':
      return renderDisputed(notice);
    case 'fleet':
      return renderFleet(notice);
    case 'test':
      return {
        subject: `Test message for ${oneLine(notice.channelName)}`,
        lines: ['Anyup can reach this channel. Nothing is wrong.', utcText(notice.at), notice.url],
        mood: 'info',
      };
  }
}

/** Several notices as one message: the counts as its subject, then a line each, oldest first. */
export function renderDigest(notices: readonly Notice[]): Message {
  const sorted = [...notices].sort((a, b) => a.at - b.at);
  const messages = sorted.map((notice) => ({ notice, message: renderNotice(notice) }));
  return {
    subject: `${notices.length} messages: ${countsOf(sorted)}`,
    lines: messages.map(({ notice, message }) => {
      const about = notice.type === 'check' ? ` (${sinceAndWhy(notice)})` : '';
      return `${message.subject}${about} ${notice.url}`;
    }),
    mood:
      WORST_FIRST.find((mood) => messages.some(({ message }) => message.mood === mood)) ?? 'info',
  };
}

const WORST_FIRST: readonly Mood[] = ['down', 'degraded', 'up', 'info'];

const COUNTED = ['down', 'degraded', 'up again', 'disputed', 'about runners', 'test'] as const;

/** "2 down, 1 up again". */
function countsOf(notices: readonly Notice[]): string {
  const words = notices.map(wordOf);
  return COUNTED.map((word) => ({ word, count: words.filter((each) => each === word).length }))
    .filter(({ count }) => count > 0)
    .map(({ word, count }) => `${count} ${word}`)
    .join(', ');
}

function wordOf(notice: Notice): (typeof COUNTED)[number] {
  if (notice.type === 'check') return notice.to === 'up' ? 'up again' : notice.to;
  return notice.type === 'fleet' ? 'about runners' : notice.type;
}

/** The one sentence about a verdict, for pages and API; `disputed` once the dispute has been called. */
export function explainVerdict(
  verdict: Verdict,
  nameOf: (locationId: number) => string,
  disputed = false,
): string {
  const seen = verdict.locations.map(({ locationId, status, missing }) => ({
    name: nameOf(locationId),
    status,
    missing,
  }));
  if (isOwnWord(verdict.locations)) {
    if (verdict.status !== 'unknown') return verdict.status;
    return verdict.locations[0]?.missing === 'blind'
      ? 'unknown: nobody can tell'
      : 'unknown: nothing has been said yet';
  }
  if (verdict.status === 'unknown') return `unknown: ${explainUnknown(verdict, seen, nameOf)}`;
  if (seen.length === 0) {
    return verdict.status === 'up'
      ? 'up: it reports'
      : `${verdict.status}: no report since ${utcText(verdict.sinceAt ?? 0)}`;
  }
  if (disputed && verdict.lone !== null) {
    return `up, but disputed: only ${nameOf(verdict.lone)} can reach it; ${whoCannot(seen)}`;
  }
  return whoSees(verdict.status, seen);
}

function explainUnknown(
  verdict: Verdict,
  seen: readonly Seen[],
  nameOf: (locationId: number) => string,
): string {
  const missing = seen.filter((each) => each.missing !== null);
  switch (verdict.rule) {
    case 'no_location':
      return 'no location watches it';
    case 'witness_missing': {
      const names = verdict.witnesses.map(nameOf);
      const gone = missing.filter(({ name }) => names.includes(name));
      return `only ${listNames(names)} could reach it, and ${whoIsMissing(gone)}`;
    }
    case 'could_change':
      return `it hangs on ${listNames(missing.map(({ name }) => name))}, and ${whoIsMissing(missing)}`;
    default:
      if (seen.length === 0) return 'no report has come yet';
      if (missing.every((each) => each.missing === 'new')) return 'no location has reported yet';
      return whoIsMissing(missing);
  }
}
