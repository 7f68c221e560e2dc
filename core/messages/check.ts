// Messages about a check: down, degraded, up again, disputed.
import { humanDuration, humanRtt } from '../duration.ts';
import { utcText } from '../instant.ts';
import type { KnownStatus } from '../level.ts';
import type { CheckNotice, DisputedNotice, Subject, Voice } from '../notice.ts';
import { publicReason } from '../reason.ts';
import { capital, oneLine } from '../text.ts';
import { type Seen, whoCannot, whoSees } from '../voices.ts';

const MAX_VOICES = 12;

/** A check that changed, with what each location says. */
export function renderCheck(notice: CheckNotice) {
  const { to, from, subject, reason, voices, url } = notice;
  const rtt = to === 'down' ? null : bestVoice(voices, to);
  return {
    subject: `${nameOfSubject(subject)} is ${becomes(notice)}`,
    lines: [
      `${capital(to)}${to === 'up' && from !== null ? ' again' : ''} since ${utcText(notice.sinceAt)}${beforeThat(notice)}.`,
      ...(voices.length === 0 ? [] : [`${capital(whoSees(to, seenBy(voices), true))}.`]),
      ...(to === 'up' ? [] : [`Reason: ${inWords(reason)}`]),
      ...(to === 'up' ? [] : otherReasons(voices, reason.text)),
      ...(notice.withIt
        ? [
            `With it: ${notice.withIt
              .slice(0, 20)
              .map((name) => oneLine(name))
              .join(', ')}`,
          ]
        : []),
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

/** One location alone says "up" for long. */
export function renderDisputed(notice: DisputedNotice) {
  const { subject, location, voices, url } = notice;
  return {
    subject: `${nameOfSubject(subject)} is up, but only from ${oneLine(location)}`,
    lines: [
      `${oneLine(location)} alone says up; ${whoCannot(seenBy(voices))}, though they could before.`,
      'Either it can only be reached from there, or that runner is mistaken (a captive portal, a proxy).',
      ...otherReasons(voices, ''),
      `Check: ${subject.kind} ${oneLine(subject.target, 200)}`,
      utcText(notice.at),
      url,
    ],
    mood: 'degraded' as const,
  };
}

function nameOfSubject({ hostName, checkName }: Subject): string {
  return checkName === '' ? oneLine(hostName) : `${oneLine(hostName)} / ${oneLine(checkName)}`;
}

/** As a digest adds it to the subject. */
export function sinceAndWhy(notice: CheckNotice): string {
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
