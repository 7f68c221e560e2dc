// A time zone as two functions: instants to wall-clock time and back. Wall-clock time is kept as if it were UTC.
export interface Zone {
  /** As it is written beside times: "UTC", "Europe/Berlin". */
  name: string;
  toLocal: (at: number) => number;
  toInstant: (local: number) => number;
}

export const UTC: Zone = { name: 'UTC', toLocal: (at) => at, toInstant: (local) => local };

/** Throws a RangeError for a zone that the runtime does not know. */
export function zoneOf(timeZone: string | undefined): Zone {
  if (timeZone === undefined || timeZone === 'UTC') return UTC;
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const offsetAt = (at: number) => {
    const part: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(at)) part[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
  };
  return {
    name: timeZone.replaceAll('_', ' '),
    toLocal: (at) => at + offsetAt(at),
    toInstant: (local) => local - offsetAt(local - offsetAt(local)),
  };
}
