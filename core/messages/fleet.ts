// Messages about Anyup itself.
import { humanDuration } from '../duration.ts';
import { utcText } from '../instant.ts';
import type { FleetNotice } from '../notice.ts';
import { oneLine } from '../text.ts';

const MOOD = {
  silent: 'degraded',
  all_silent: 'down',
  back: 'up',
  deaf: 'info',
  quarantined: 'degraded',
  trusted: 'up',
  blind: 'degraded',
  sees: 'up',
  behind: 'degraded',
  caught_up: 'up',
} as const satisfies Record<FleetNotice['event'], string>;

/** Runners silent, back, quarantined or trusted again, blind or not any more, and a worker that was deaf. */
export function renderFleet(notice: FleetNotice) {
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
    mood: MOOD[notice.event],
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
    case 'blind':
      return `${who} ${be} cut off from its network`;
    case 'sees':
      return `${who} ${be} on its network again`;
    case 'behind':
      return 'The history is behind';
    case 'caught_up':
      return 'The history has caught up';
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
    case 'blind':
      return [
        `Since ${utcText(sinceAt)} nothing answers it by which it knows its own network: gateway, resolvers, the places it was given.`,
        'What fails for it meanwhile is kept but has no vote; nothing is called down for it.',
      ];
    case 'sees':
      return [
        `Its network answers again at ${utcText(at)}, after ${humanDuration(at - sinceAt)}; what it sees counts again.`,
      ];
    case 'behind':
      return [
        `Hours since ${utcText(sinceAt)} are not folded yet. Incidents and messages are not affected; nothing is lost for 8 hours.`,
        'The tick may not run each minute, or the database may be too slow.',
      ];
    case 'caught_up':
      return [`Every hour up to ${utcText(sinceAt)} is folded.`];
  }
}
