import { Cron } from 'croner';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextCron, parseCron } from '#core/cron.ts';

const VIENNA = 'Europe/Vienna';

function next(text: string, after: string, zone = 'UTC'): string {
  const cron = parseCron(text);
  if (typeof cron === 'string') throw new Error(cron);
  return new Date(nextCron(cron, zone, Date.parse(after))).toISOString();
}

describe('a cron expression', () => {
  test.each([
    ['30 2 * * *', '2026-11-21T02:30:00Z', '2026-11-22T02:30:00.000Z'],
    ['*/15 * * * *', '2026-11-21T09:15:01Z', '2026-11-21T09:30:00.000Z'],
    ['5/20 * * * *', '2026-11-21T09:46:00Z', '2026-11-21T10:05:00.000Z'],
    ['0 9-17/4 * * mon-fri', '2026-11-20T17:00:00Z', '2026-11-23T09:00:00.000Z'],
    ['0 0 29 2 *', '2026-11-21T00:00:00Z', '2028-02-29T00:00:00.000Z'],
    ['0 0 13 * fri', '2026-11-21T00:00:00Z', '2026-11-27T00:00:00.000Z'],
    ['0 0 * * 7', '2026-11-21T00:00:00Z', '2026-11-22T00:00:00.000Z'],
    ['0 12 1,15 jan,JUL *', '2026-11-21T00:00:00Z', '2027-01-01T12:00:00.000Z'],
    ['@weekly', '2026-11-21T00:00:00Z', '2026-11-22T00:00:00.000Z'],
  ])('"%s" comes after %s at %s', (text, after, expected) => {
    expect(next(text, after)).toBe(expected);
  });

  test('with a step over every day of the month does not restrict the days, as crontab(5) has it', () => {
    expect(next('0 0 */2 * sun', '2026-11-21T00:00:00Z')).toBe('2026-11-29T00:00:00.000Z');
  });

  test.each([
    ['* * * *', 'has 4 fields; it must have five, like "30 2 * * 1-5"'],
    ['60 * * * *', 'has "60" as its minute; that must be 0-59, "*", a list or a range'],
    ['0 0 * * mon-', 'has "mon-" as its weekday; that must be 0-7, "*", a list or a range'],
    ['0 */0 * * *', 'has "*/0" as its hour; that must be 0-23, "*", a list or a range'],
    ['0 0 5-1 * *', 'has "5-1" as its day of the month; that must be 1-31, "*", a list or a range'],
    ['0 0 30 2 *', 'names a day that never comes'],
  ])('"%s" is refused: %s', (text, words) => {
    expect(parseCron(text)).toBe(words);
  });
});

describe('a change of the clock', () => {
  test('that skips the time of a job moves the job on by as much', () => {
    expect(next('30 2 * * *', '2026-03-28T12:00:00Z', VIENNA)).toBe('2026-03-29T01:30:00.000Z');
    expect(next('30 2 * * *', '2026-03-29T01:30:00Z', VIENNA)).toBe('2026-03-30T00:30:00.000Z');
  });

  test('that repeats the time of a job has it once', () => {
    expect(next('30 2 * * *', '2026-10-24T12:00:00Z', VIENNA)).toBe('2026-10-25T00:30:00.000Z');
    expect(next('30 2 * * *', '2026-10-25T00:30:00Z', VIENNA)).toBe('2026-10-26T01:30:00.000Z');
  });
});

const number = (from: number, to: number) => fc.integer({ min: from, max: to });
const field = (from: number, to: number) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant('*') },
    { weight: 3, arbitrary: number(from, to).map(String) },
    {
      weight: 1,
      arbitrary: number(2, Math.min(12, to - from)).map((step) => `${from}-${to}/${step}`),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(number(from, to), number(from, to))
        .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
    },
    { weight: 1, arbitrary: fc.tuple(number(from, to), number(from, to)).map((two) => two.join()) },
  );
const expression = fc
  .tuple(field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 6))
  .map((fields) => fields.join(' '));
const moment = number(Date.UTC(2024, 0, 1), Date.UTC(2030, 0, 1));
const zone = fc.constantFrom(
  'UTC',
  VIENNA,
  'America/New_York',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
);

describe('whatever the expression, zone and moment', () => {
  test('the time is later, is a whole minute, and is the one that croner names where the clock is not changed', () => {
    fc.assert(
      fc.property(expression, zone, moment, (text, timezone, at) => {
        const cron = parseCron(text);
        if (typeof cron === 'string') return;
        const ours = nextCron(cron, timezone, at);
        expect(ours).toBeGreaterThan(at);
        expect(ours % 60_000).toBe(0);
        const theirs = new Cron(text, { timezone, paused: true }).nextRun(new Date(at))?.getTime();
        if (theirs === undefined || changesNear(timezone, at) || changesNear(timezone, theirs))
          return;
        expect(ours).toBe(theirs);
      }),
      { numRuns: 400 },
    );
  });
});

function changesNear(timezone: string, at: number): boolean {
  const offsets = [-2, -1, 0, 1, 2].map((days) => {
    const day = at + days * 86_400_000;
    const shown = new Date(day).toLocaleString('sv-SE', { timeZone: timezone });
    return Math.round((Date.parse(`${shown.replace(' ', 'T')}Z`) - day) / 60_000);
  });
  return new Set(offsets).size > 1;
}
