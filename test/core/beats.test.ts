import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deadlineAfter, forgiving, hear, isOverdue, signalOf, watch } from '#core/beats.ts';
import { type HeartbeatSpec, heartbeat } from '#core/checks/heartbeat.ts';
import type { Said } from '#core/said.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const T0 = Date.UTC(2026, 10, 21, 9, 0, 0);
const CALM = { rev: 1, paused: false, deaf: false, deafness: null };
const NEVER: Said = {
  rev: 1,
  level: null,
  code: '',
  text: '',
  lastAt: 0,
  dueAt: 0,
  startedAt: null,
  runMs: null,
};

function spec(fields: Record<string, unknown>): HeartbeatSpec {
  return heartbeat.schema.parse({ target: 'nightly', ...fields });
}

const at = (text: string) => Date.parse(text);
const iso = (time: number) => new Date(time).toISOString();

describe('the next beat is due', () => {
  test('a period and the grace after the last one', () => {
    expect(deadlineAfter(spec({ period: '10m', grace: '2m' }), T0)).toBe(T0 + 12 * MINUTE);
  });

  test('a quarter of the period later at the most where no grace is named, at least a minute, at most an hour', () => {
    const grace = (period: string) => deadlineAfter(spec({ period }), T0) - T0;
    expect(grace('1m')).toBe(2 * MINUTE);
    expect(grace('20m')).toBe(25 * MINUTE);
    expect(grace('7d')).toBe(7 * DAY + HOUR);
    expect(deadlineAfter(spec({}), T0)).toBe(T0 + DAY + HOUR);
  });

  test('at the next time of its schedule in its zone, whatever the clock does there', () => {
    const nightly = spec({ schedule: '30 2 * * *', zone: 'Europe/Vienna', grace: '30m' });
    expect(iso(deadlineAfter(nightly, at('2026-03-28T01:35:00Z')))).toBe(
      '2026-03-29T02:00:00.000Z',
    );
    expect(iso(deadlineAfter(nightly, at('2026-10-24T00:35:00Z')))).toBe(
      '2026-10-25T01:00:00.000Z',
    );
    expect(iso(deadlineAfter(nightly, at('2026-10-25T00:35:00Z')))).toBe(
      '2026-10-26T02:00:00.000Z',
    );
  });

  test('after the time that a job meant whose clock is a little ahead', () => {
    const daily = spec({ schedule: '0 3 * * *', grace: '1h' });
    expect(iso(deadlineAfter(daily, at('2026-11-21T02:59:58Z')))).toBe('2026-11-22T04:00:00.000Z');
  });
});

describe('a beat that does not come', () => {
  const beating = hear(
    NEVER,
    spec({ period: '10m', grace: '2m' }),
    { type: 'ok' },
    { now: T0, rev: 1 },
  );

  test('is missed from its deadline on, once, with when the last one came', () => {
    const every10m = spec({ period: '10m', grace: '2m' });
    expect(watch(beating, every10m, { ...CALM, now: T0 + 12 * MINUTE })).toBe(beating);
    const missed = watch(beating, every10m, { ...CALM, now: T0 + 13 * MINUTE });
    expect(missed).toMatchObject({
      level: 999,
      code: 'heartbeat.missed',
      text: 'no beat since 2026-11-21 09:00:00 UTC',
      dueAt: T0 + 12 * MINUTE,
    });
    expect(watch(missed, every10m, { ...CALM, now: T0 + DAY })).toBe(missed);
  });

  test('is waited for by nobody before the first one, while it is paused, and by a deaf worker', () => {
    const every10m = spec({ period: '10m', grace: '2m' });
    expect(watch(NEVER, every10m, { ...CALM, now: T0 + DAY })).toBe(NEVER);
    expect(watch(beating, every10m, { ...CALM, now: T0 + DAY, deaf: true }).level).toBe(100);
    const paused = watch(beating, every10m, { ...CALM, now: T0 + DAY, paused: true });
    expect(paused).toMatchObject({ level: 100, dueAt: 0 });
    expect(watch(paused, every10m, { ...CALM, now: T0 + DAY })).toMatchObject({
      level: 100,
      dueAt: T0 + DAY + 12 * MINUTE,
    });
  });

  test('is waited for anew when its period is changed', () => {
    const hourly = spec({ period: '1h', grace: '0s' });
    const changed = watch(beating, hourly, { ...CALM, rev: 2, now: T0 + 30 * MINUTE });
    expect(changed).toMatchObject({ rev: 2, level: 100, dueAt: T0 + 90 * MINUTE });
  });

  test('is missed too when a run that was announced does not end', () => {
    const every10m = spec({ period: '10m', grace: '2m' });
    const started = hear(NEVER, every10m, { type: 'start' }, { now: T0, rev: 1 });
    expect(watch(started, every10m, { ...CALM, now: T0 + 3 * MINUTE })).toMatchObject({
      level: 999,
      text: 'it started at 2026-11-21 09:00:00 UTC and has not ended',
    });
  });
});

describe('what a job says', () => {
  const hourly = spec({ period: '1h' });

  test('is up, or failed with its exit code', () => {
    expect(hear(NEVER, hourly, { type: 'ok' }, { now: T0, rev: 1 }).level).toBe(100);
    const failed = hear(NEVER, hourly, { type: 'fail', exitCode: 3 }, { now: T0, rev: 1 });
    expect(failed).toMatchObject({ level: 500, code: 'heartbeat.failed', text: 'exit code 3' });
  });

  test('ends the run that was announced, and only that', () => {
    const started = hear(NEVER, hourly, { type: 'start' }, { now: T0, rev: 1 });
    const ended = hear(started, hourly, { type: 'ok' }, { now: T0 + 90_000, rev: 1 });
    expect(ended).toMatchObject({ runMs: 90_000, startedAt: null });
    expect(hear(ended, hourly, { type: 'ok' }, { now: T0 + HOUR, rev: 1 }).runMs).toBeNull();
  });

  test.each([
    ['', { type: 'ok' }],
    ['0', { type: 'ok' }],
    ['start', { type: 'start' }],
    ['log', { type: 'log' }],
    ['fail', { type: 'fail', exitCode: null }],
    ['255', { type: 'fail', exitCode: 255 }],
    ['256', null],
    ['-1', null],
    ['ok', null],
  ])('"%s" is read as %j', (word, signal) => {
    expect(signalOf(word)).toEqual(signal);
  });
});

describe('what was called while nobody heard', () => {
  test('is forgiven: the beat after it is waited for', () => {
    const hourly = spec({ period: '1h', grace: '5m' });
    const deafness = { fromAt: T0 + 50 * MINUTE, toAt: T0 + 4 * HOUR };
    expect(forgiving(hourly, T0 + 65 * MINUTE, deafness)).toBe(T0 + 5 * HOUR + 5 * MINUTE);
  });

  test('puts off no beat that was due before it or is due long after it', () => {
    const daily = spec({ period: '1d', grace: '1h' });
    const deafness = { fromAt: T0, toAt: T0 + HOUR };
    expect(forgiving(daily, T0 - 1, deafness)).toBe(T0 - 1);
    expect(forgiving(daily, T0 + DAY, deafness)).toBe(T0 + DAY);
    const nightly = spec({ schedule: '30 2 * * *', grace: '1h' });
    expect(forgiving(nightly, at('2026-11-22T03:30:00Z'), deafness)).toBe(
      at('2026-11-22T03:30:00Z'),
    );
  });
});

const anySpec = fc.oneof(
  fc
    .record({
      period: fc.integer({ min: 1, max: 20_000 }),
      grace: fc.integer({ min: 0, max: 3000 }),
    })
    .map(({ period, grace }) => spec({ period: `${period}m`, grace: `${grace}m` })),
  fc
    .record({
      schedule: fc.constantFrom('*/5 * * * *', '30 2 * * *', '0 9-17 * * 1-5', '0 0 1 * *'),
      zone: fc.constantFrom('UTC', 'Europe/Vienna', 'America/New_York', 'Australia/Lord_Howe'),
      grace: fc.integer({ min: 0, max: 3000 }),
    })
    .map(({ schedule, zone, grace }) => spec({ schedule, zone, grace: `${grace}m` })),
);
const moment = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2028, 0, 1) });

describe('whatever the schedule', () => {
  test('a job that calls at its time, never later than its grace, is never missed', () => {
    fc.assert(
      fc.property(
        anySpec,
        moment,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 }),
        (each, start, late) => {
          let said = hear(NEVER, each, { type: 'ok' }, { now: start, rev: 1 });
          for (const share of late) {
            const grace = said.dueAt - deadlineAfter({ ...each, grace: 0 }, said.lastAt);
            const now = Math.floor(said.dueAt - grace * (1 - share));
            expect(watch(said, each, { ...CALM, now }).level).toBe(100);
            said = hear(said, each, { type: 'ok' }, { now, rev: 1 });
          }
        },
      ),
    );
  });

  test('a job that stops is missed at one look after its deadline, and its deadline comes', () => {
    fc.assert(
      fc.property(anySpec, moment, (each, now) => {
        const said = hear(NEVER, each, { type: 'ok' }, { now, rev: 1 });
        expect(said.dueAt).toBeGreaterThan(now);
        expect(isOverdue(said.dueAt, said.dueAt + 10_001)).toBe(true);
        expect(watch(said, each, { ...CALM, now: said.dueAt + 10_001 }).level).toBe(999);
      }),
    );
  });

  test('a deaf stretch makes no job missed that went on calling, and is counted once', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.integer({ min: 1, max: 600 }),
        fc.integer({ min: 0, max: 20_000 }),
        fc.integer({ min: 3, max: 20_000 }),
        (periodM, graceM, beginsM, lastsM) => {
          const each = spec({ period: `${periodM}m`, grace: `${graceM}m` });
          const period = periodM * MINUTE;
          const deafness = {
            fromAt: T0 + beginsM * MINUTE,
            toAt: T0 + (beginsM + lastsM) * MINUTE,
          };
          // It calls with every period; what it calls in the deaf stretch is lost.
          let said = hear(NEVER, each, { type: 'ok' }, { now: T0, rev: 1 });
          for (let time = T0 + period; time < deafness.fromAt; time += period) {
            said = hear(said, each, { type: 'ok' }, { now: time, rev: 1 });
          }
          const lost = Math.floor((deafness.toAt - said.lastAt) / period);
          const next = said.lastAt + (lost + 1) * period;
          const known = { ...CALM, deafness };
          const after = watch(said, each, { ...known, now: deafness.toAt });
          expect(watch(after, each, { ...known, now: next }).level).toBe(100);
          expect(forgiving(each, after.dueAt, deafness)).toBe(after.dueAt);
        },
      ),
    );
  });
});
