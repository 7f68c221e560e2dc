import { Cron as Croner } from 'croner';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cron, isZone, nextCron, parseCron } from '#core/cron.ts';
import { cronField, gapsOf } from '#core/timetable.ts';

function read(text: string): Cron {
  const cron = parseCron(text);
  if (typeof cron === 'string') throw new Error(cron);
  return cron;
}

function next(text: string, zone: string, after: string): string {
  return new Date(nextCron(read(text), zone, Date.parse(after))).toISOString();
}

describe('a cron expression', () => {
  it.each([
    ['*/5 8-18 * * 1-5', '2026-11-27T18:56:00Z', '2026-11-30T08:00:00.000Z'],
    ['0 3 * * *', '2026-11-27T03:00:00Z', '2026-11-28T03:00:00.000Z'],
    ['30 4 1,15 * 5', '2026-11-27T04:30:00Z', '2026-12-01T04:30:00.000Z'],
    ['0 0 * jan,feb sun', '2026-11-27T00:00:00Z', '2027-01-03T00:00:00.000Z'],
    ['0 0 * * 7', '2026-11-28T00:00:00Z', '2026-11-29T00:00:00.000Z'],
    ['10-20/5,50 * * * *', '2026-11-28T00:10:30Z', '2026-11-28T00:15:00.000Z'],
    ['@hourly', '2026-11-28T00:10:30Z', '2026-11-28T01:00:00.000Z'],
  ])('%s after %s is due at %s', (text, after, due) => {
    expect(next(text, 'UTC', after)).toBe(due);
  });

  it.each([
    ['* * * *', 'has 4 fields; it must have five'],
    ['60 * * * *', 'has "60" as its minute; that must be 0-59'],
    ['* 5-3 * * *', 'has "5-3" as its hour'],
    ['* * 0 * *', 'has "0" as its day of the month'],
    ['* * * foo *', 'has "foo" as its month'],
    ['*/0 * * * *', 'has "*/0" as its minute'],
    ['* * * * 1-2-3', 'has "1-2-3" as its weekday'],
    ['* * l * *', 'has "l" as its day of the month'],
    ['5- * * * *', 'has "5-" as its minute'],
    ['0 3 30 2 *', 'names a day that never comes'],
  ])('%s is refused: %s', (text, message) => {
    expect(parseCron(text)).toContain(message);
  });

  it('means the clock of its zone, through the changes of that clock', () => {
    expect(next('0 9 * * *', 'Europe/Berlin', '2026-07-01T00:00:00Z')).toBe(
      '2026-07-01T07:00:00.000Z',
    );
    expect(next('0 9 * * *', 'Asia/Kathmandu', '2026-07-01T04:00:00Z')).toBe(
      '2026-07-02T03:15:00.000Z',
    );
    // On 2026-03-29 clocks go from 02:00 to 03:00, on 2026-10-25 from 03:00 to 02:00.
    const night = ['2026-03-28T02:00:00Z', '2026-03-29T01:30:00.000Z', '2026-03-30T00:30:00.000Z'];
    expect(next('30 2 * * *', 'Europe/Berlin', night[0] as string)).toBe(night[1]);
    expect(next('30 2 * * *', 'Europe/Berlin', night[1] as string)).toBe(night[2]);
    const twice = ['2026-10-24T02:00:00Z', '2026-10-25T00:30:00.000Z', '2026-10-26T01:30:00.000Z'];
    expect(next('30 2 * * *', 'Europe/Berlin', twice[0] as string)).toBe(twice[1]);
    expect(next('30 2 * * *', 'Europe/Berlin', twice[1] as string)).toBe(twice[2]);
  });

  it('for every hour leaves no gap and no double when a clock changes', () => {
    for (const start of ['2026-03-28T22:00:00Z', '2026-10-24T22:00:00Z']) {
      let at = Date.parse(start);
      for (let turn = 0; turn < 60; turn++) {
        const due = nextCron(read('*/10 * * * *'), 'Europe/Berlin', at) as number;
        expect(due - at).toBe(600_000);
        at = due;
      }
    }
  });

  it('is due when another reader of such expressions says so', () => {
    const part = (min: number, max: number, maxStep = max) =>
      fc.oneof(
        { weight: 3, arbitrary: fc.constant('*') },
        fc.integer({ min, max }).map(String),
        fc.integer({ min: 2, max: maxStep }).map((step) => `*/${step}`),
        fc
          .tuple(fc.integer({ min, max }), fc.integer({ min, max }))
          .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
      );
    // A weekday with a step beside a date is read in two ways in the field.
    const day = fc.oneof(
      fc.tuple(fc.constantFrom('*', '1', '10-20', '*/9'), fc.constant('*')),
      fc.tuple(fc.constant('*'), part(0, 6)),
      fc.tuple(fc.constantFrom('1', '10-20'), fc.constantFrom('1-5', '0', '2,4')),
    );
    const expression = fc
      .tuple(part(0, 59), part(0, 23), part(1, 12), day)
      .map(([minute, hour, month, [date, weekday]]) =>
        [minute, hour, date, month, weekday].join(' '),
      );
    const zone = fc.constantFrom('UTC', 'Asia/Tokyo', 'America/Phoenix');
    const at = fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 });
    fc.assert(
      fc.property(expression, zone, at, (text, timezone, afterAt) => {
        const other = new Croner(text, { timezone }).nextRun(new Date(afterAt));
        expect(nextCron(read(text), timezone, afterAt)).toBe(other?.getTime());
      }),
      { numRuns: 200 },
    );
  });
});

describe('the time between two due times', () => {
  const H = 3_600_000;

  it.each([
    ['*/5 * * * *', 'UTC', 300_000, 300_000],
    ['*/5 8-18 * * *', 'UTC', 13 * H + 300_000, 300_000],
    ['0 3 * * *', 'UTC', 24 * H, 24 * H],
    ['0 3 * * *', 'Europe/Berlin', 25 * H, 24 * H],
    ['0 9 * * 1-5', 'UTC', 72 * H, 24 * H],
    ['7 * * * *', 'Europe/Berlin', H, H],
  ])('of %s in %s is known', (text, zone, longestMs, shortestMs) => {
    expect(gapsOf(read(text), zone)).toEqual({ longestMs, shortestMs });
  });

  it('may be no longer than eight days', () => {
    const refusal = (text: string) => cronField.safeParse(text).error?.issues[0]?.message;
    expect(refusal('0 3 * * 1')).toBeUndefined();
    expect(refusal('0 3 1 * *')).toBe(
      'leaves up to 31 days between two times; at most 8 days are allowed',
    );
    expect(refusal('0 3 29 2 *')).toContain('days between two times');
  });

  it('is never longer than it was said', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('*/7 6-20 * * *', '15 3 * * *', '0 9 * * 1-5', '*/20 * * * 1,3'),
        fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'UTC'),
        fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 }),
        (text, zone, afterAt) => {
          const cron = read(text);
          const first = nextCron(cron, zone, afterAt) as number;
          const second = nextCron(cron, zone, first) as number;
          expect(second).toBeGreaterThan(first);
          const { longestMs = 0 } = gapsOf(cron, zone) ?? {};
          expect(second - first).toBeLessThanOrEqual(longestMs);
        },
      ),
      { numRuns: 500 },
    );
  });
});

it('a zone is a name that clocks know', () => {
  expect(['UTC', 'Europe/Berlin', 'Mars/Olympus'].map(isZone)).toEqual([true, true, false]);
});
