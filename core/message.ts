// A notice in plain words, for every channel alike. Channels do the mark-up; there is none here.
import { humanDuration, humanRtt } from './duration.ts';
import { utcText } from './instant.ts';
import type { KnownStatus } from './level.ts';
import type { Verdict } from './merge.ts';
import type { CheckNotice, DisputedNotice, FleetNotice, Notice, Subject, Voice } from './notice.ts';
import { publicReason } from './reason.ts';
import { listNames, type Seen, whoIsMissing, whoSees } from './voices.ts';

export type Mood = 'down' | 'degraded' | 'up' | 'info';

export interface Message {
  /** One line, complete in itself. */
  subject: string;
  /** What follows it; the last line is the link. */
  lines: string[];
  mood: Mood;
}

const MAX_NAME = 80;
const MAX_VOICES = 12;

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

/** Several notices as one message: counts, then a line each, oldest first. */
export function renderDigest(notices: readonly Notice[]): Message {
  const sorted = [...notices].sort((a, b) => a.at - b.at);
  const messages = sorted.map((notice) => ({ notice, message: renderNotice(notice) }));
  const counts = COUNTED.flatMap(([mood, words]) => {
    const count = messages.filter(({ message }) => message.mood === mood).length;
    return count === 0 ? [] : [`${count} ${words}`];
  });
  return {
    subject: `${notices.length} messages: ${counts.join(', ')}`,
    lines: messages.map(({ notice, message }) => {
      const about = notice.type === 'check' ? ` (${shortly(notice)})` : '';
      return `${message.subject}${about} ${notice.url}`;
    }),
    mood:
      COUNTED.find(([mood]) => messages.some(({ message }) => message.mood === mood))?.[0] ??
      'info',
  };
}

/** Worst first: the first that occurs is the mood of a digest. */
const COUNTED: ReadonlyArray<readonly [Mood, string]> = [
  ['down', 'down'],
  ['degraded', 'degraded'],
  ['up', 'up again'],
  ['info', 'for your information'],
];

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
  if (verdict.status === 'unknown') return `unknown: ${explainUnknown(verdict, seen, nameOf)}`;
  if (seen.length === 0) {
    return verdict.status === 'up'
      ? 'up: it reports'
      : `${verdict.status}: no report since ${utcText(verdict.sinceAt ?? 0)}`;
  }
  if (disputed && verdict.lone !== null) {
    return `up, but disputed: only ${nameOf(verdict.lone)} can reach it; ${whoSaysOtherwise(seen)}`;
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

function whoSaysOtherwise(
  seen: readonly { name: string; status: string; missing: Seen['missing'] }[],
) {
  const down = seen.filter(({ status }) => status === 'down').map(({ name }) => name);
  return `${listNames(down)} cannot`;
}

function renderCheck(notice: CheckNotice): Message {
  const { to, from, subject, reason, voices, url } = notice;
  const rtt = to === 'down' ? null : bestVoice(voices, to);
  return {
    subject: `${nameOfSubject(subject)} is ${becomes(notice)}`,
    lines: [
      `${capital(to)}${to === 'up' && from !== null ? ' again' : ''} since ${utcText(notice.sinceAt)}${beforeThat(notice)}.`,
      ...(voices.length === 0 ? [] : [`${capital(whoSees(to, seenBy(voices), true))}.`]),
      ...(to === 'up' ? [] : [`Reason: ${inWords(reason)}`]),
      ...(to === 'up' ? [] : otherReasons(voices, reason.text)),
      ...(rtt === null ? [] : [`RTT: ${rtt}`]),
      `Check: ${subject.kind} ${oneLine(subject.target, 200)}`,
      url,
    ],
    mood: to,
  };
}

function becomes(notice: CheckNotice): string {
  const { from, to } = notice;
  if (to === 'up') return `up again${lasted(notice, ' after ')}`;
  return to === 'degraded' && from === 'down' ? 'degraded, no longer down' : to;
}

function lasted({ incidentOpenedAt, sinceAt }: CheckNotice, before: string): string {
  if (incidentOpenedAt === null || incidentOpenedAt >= sinceAt) return '';
  return `${before}${humanDuration(sinceAt - incidentOpenedAt)}`;
}

function beforeThat(notice: CheckNotice): string {
  if (notice.to === 'up') return lasted(notice, `; was ${notice.from ?? 'not up'} for `);
  return lasted(notice, '; not up for ');
}

function renderDisputed(notice: DisputedNotice): Message {
  const { subject, location, voices, url } = notice;
  return {
    subject: `${nameOfSubject(subject)} is up, but only from ${oneLine(location)}`,
    lines: [
      `${oneLine(location)} alone says up; ${whoSaysOtherwise(seenBy(voices))}, though they could before.`,
      'Either it can only be reached from there, or that runner is mistaken (a captive portal, a proxy).',
      ...otherReasons(voices, ''),
      `Check: ${subject.kind} ${oneLine(subject.target, 200)}`,
      utcText(notice.at),
      url,
    ],
    mood: 'degraded',
  };
}

const FLEET_MOOD: Record<FleetNotice['event'], Mood> = {
  silent: 'degraded',
  all_silent: 'down',
  back: 'up',
  deaf: 'info',
  quarantined: 'degraded',
  trusted: 'up',
};

function renderFleet(notice: FleetNotice): Message {
  const names = notice.runners.map(
    ({ name, location }) => `${oneLine(name)} (${oneLine(location)})`,
  );
  const who = names.length === 1 ? `Runner ${names[0]}` : `${names.length} runners`;
  return {
    subject: fleetSubject(notice, who, names.length === 1 ? 'is' : 'are'),
    lines: [
      ...fleetLines(notice),
      ...(names.length > 1 ? [`Runners: ${names.join(', ')}`] : []),
      notice.url,
    ],
    mood: FLEET_MOOD[notice.event],
  };
}

function fleetSubject(
  { event, sinceAt, untilAt, at }: FleetNotice,
  who: string,
  be: string,
): string {
  switch (event) {
    case 'silent':
      return `${who} ${be} silent`;
    case 'all_silent':
      return 'No runner reaches Anyup';
    case 'back':
      return `${who} ${be} back`;
    case 'deaf':
      return `Anyup did not run for ${humanDuration((untilAt ?? at) - sinceAt)}`;
    case 'quarantined':
      return `${who} ${be} quarantined`;
    case 'trusted':
      return `${who} ${be} trusted again`;
  }
}

function fleetLines({ event, sinceAt, untilAt, at }: FleetNotice): string[] {
  switch (event) {
    case 'silent':
      return [
        `Nothing heard since ${utcText(sinceAt)} (${humanDuration(at - sinceAt)}).`,
        'Checks it alone could reach are unknown now; nothing is called down for it.',
      ];
    case 'all_silent':
      return [
        `Nothing heard from any runner since ${utcText(sinceAt)} (${humanDuration(at - sinceAt)}).`,
        'Every check is unknown until one is back. The trouble may be between the runners and Anyup.',
      ];
    case 'back':
      return [
        sinceAt < at
          ? `Heard again at ${utcText(at)}, after ${humanDuration(at - sinceAt)} of silence.`
          : `Heard again at ${utcText(at)}.`,
      ];
    case 'deaf':
      return [
        `Nothing ran from ${utcText(sinceAt)} to ${utcText(untilAt ?? at)}: no results were taken meanwhile.`,
        'Runners keep what they measured and bring it now; none is called silent for this.',
      ];
    case 'quarantined':
      return [
        `Since ${utcText(sinceAt)} its checks fail while other locations see the same ones up.`,
        'Its results are kept but have no vote. Look at its network.',
      ];
    case 'trusted':
      return [`Its results agree with the others again and count since ${utcText(at)}.`];
  }
}

function nameOfSubject({ hostName, checkName }: Subject): string {
  return checkName === '' ? oneLine(hostName) : `${oneLine(hostName)} / ${oneLine(checkName)}`;
}

function shortly(notice: CheckNotice): string {
  const since = `since ${utcText(notice.sinceAt)}`;
  return notice.to === 'up' ? since : `${since}, ${inWords(notice.reason)}`;
}

/** The public words of a code with the particulars after them. */
function inWords({ code, text }: { code: string; text: string }): string {
  const words = publicReason(code);
  const particulars = oneLine(text, 200);
  if (particulars === '' || particulars === words) return words;
  return words === '' ? particulars : `${words} (${particulars})`;
}

/** What locations say beside the reason already given. */
function otherReasons(voices: readonly Voice[], told: string): string[] {
  return voices
    .filter(({ status, text }) => status !== 'up' && text !== '' && text !== told)
    .slice(0, MAX_VOICES)
    .map(({ location, text }) => `${oneLine(location)}: ${oneLine(text, 200)}`);
}

function bestVoice(voices: readonly Voice[], status: KnownStatus): string | null {
  let best: { location: string; rttUs: number } | null = null;
  for (const { location, status: said, rttUs } of voices) {
    if (said !== status || rttUs === null) continue;
    if (best === null || rttUs < best.rttUs) best = { location, rttUs };
  }
  return best && `${humanRtt(best.rttUs)} from ${oneLine(best.location)}`;
}

function seenBy(voices: readonly Voice[]): Seen[] {
  return voices.map(({ location, status, missing }) => ({
    name: oneLine(location),
    status,
    missing,
  }));
}

/** One line of printable text: names and particulars come from outside. */
function oneLine(text: string, max = MAX_NAME): string {
  const flat = text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return flat.length <= max ? flat : `${flat.slice(0, max - 1)}…`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
