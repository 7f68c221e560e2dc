// How a day is told, on the page and in the bubble over a bar.
import { humanDuration } from '#core/duration.ts';
import type { Day } from './days.ts';
import { uptimeText } from './figures.ts';

const WORDS: Record<Day['status'], string> = {
  up: 'Up',
  degraded: 'Degraded',
  down: 'Down',
  unknown: 'Unknown',
  maintenance: 'Maintenance',
  none: 'Not watched yet',
};
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export function dayStatusWord(status: Day['status']): string {
  return WORDS[status];
}

/** "2026-11-21" as "21 Nov 2026". */
export function dateText(day: string): string {
  const [year, month, date] = day.split('-');
  return `${Number(date)} ${MONTHS[Number(month) - 1]} ${year}`;
}

/** What there is to say beside the status: "97.531 % up", "down 35 min 34 s", "2 incidents". */
export function dayParts({ uptime, downMs, incidents, maintenanceMs }: Day): string[] {
  return [
    ...(uptime === null ? [] : [`${uptimeText(uptime)} up`]),
    ...(downMs > 0 ? [`down ${humanDuration(downMs)}`] : []),
    ...(incidents > 0 ? [incidents === 1 ? '1 incident' : `${incidents} incidents`] : []),
    ...(maintenanceMs > 0 ? [`${humanDuration(maintenanceMs)} of maintenance left out`] : []),
  ];
}

/** A row of days in one sentence, for those who do not see it. */
export function daysSentence(days: readonly Day[], uptime: number | null): string {
  const many = (status: Day['status'], words: string) => {
    const n = days.filter((day) => day.status === status).length;
    return n > 0 ? [`${words} ${n === 1 ? '1 day' : `${n} days`}`] : [];
  };
  return [
    `Last ${days.length} days: ${uptime === null ? 'uptime not known' : `${uptimeText(uptime)} up`}`,
    ...many('down', 'down on'),
    ...many('degraded', 'degraded on'),
    ...many('unknown', 'unknown on'),
    ...many('maintenance', 'worked on for'),
    ...many('none', 'not watched on'),
  ].join(', ');
}

/** Time that does not count: "2 h unknown, 1 h maintenance". */
export function leftOut({
  unknownMs,
  maintenanceMs,
}: {
  unknownMs: number;
  maintenanceMs: number;
}) {
  return [
    ...(unknownMs > 0 ? [`${humanDuration(unknownMs)} unknown`] : []),
    ...(maintenanceMs > 0 ? [`${humanDuration(maintenanceMs)} maintenance`] : []),
  ].join(', ');
}
