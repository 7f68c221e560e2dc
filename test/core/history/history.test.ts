import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeCarry, encodeCarry } from '#core/history/carry.ts';
import { decodeChunk, encodeChunk, HOUR_MS } from '#core/history/chunk.ts';
import {
  combine,
  decodeLine,
  encodeLine,
  rttFigures,
  timesOf,
  uptimeOf,
} from '#core/history/figures.ts';
import { foldHour, lineOf } from '#core/history/foldHour.ts';
import { follow } from '#core/history/follow.ts';
import { badSpans, reconcile, type ToldIncident } from '#core/history/found.ts';
import { noReadings, type Readings, saying, union } from '#core/history/readings.ts';
import { stepFor } from '#core/history/steps.ts';
import { statusOf } from '#core/level.ts';
import { toLog16 } from '#core/store/log16.ts';
import { type Outcome, Outcomes, PLAIN } from '#core/store/outcome.ts';
import { fold, hasVote, newView } from '#core/view.ts';

const T = Date.UTC(2026, 10, 21, 9);
const outcomes = new Outcomes();
const outcome = (level: number | null, more: Partial<Outcome> = {}) =>
  outcomes.idOf({ ...PLAIN, level, ...(level === 100 ? {} : { code: 'timeout' }), ...more });

/** What a location may measure: mostly up, with outages, degraded times, blind ones, gaps and retries. */
const said = fc.oneof(
  { weight: 12, arbitrary: fc.constant(0) },
  { weight: 3, arbitrary: fc.constant(outcome(500)) },
  { weight: 1, arbitrary: fc.constant(outcome(250)) },
  { weight: 1, arbitrary: fc.constant(outcome(100, { blind: true })) },
  { weight: 1, arbitrary: fc.constant(outcome(null)) },
  { weight: 1, arbitrary: fc.constant(outcome(500, { old: true })) },
);

const readingsFrom = (fromAt: number): fc.Arbitrary<Readings> =>
  fc
    .array(
      fc.tuple(
        fc.constantFrom(2000, 60_000, 60_000, 60_003, 400_000),
        said,
        fc.integer({ min: 1, max: 60_000_000 }),
        fc.nat(9),
      ),
      { maxLength: 70 },
    )
    .map((list) => {
      const readings = noReadings();
      let at = fromAt;
      for (const [gap, id, rttUs, times] of list) {
        // The same thing several times: outages last.
        for (let i = 0; i <= (id === 0 ? times : Math.min(times, 3)); i++) {
          at += gap;
          readings.at.push(at);
          readings.said.push(saying(id, id === 0 ? toLog16(rttUs) : 0));
        }
      }
      const end = readings.at.findIndex((each) => each >= fromAt + HOUR_MS);
      const count = end < 0 ? readings.at.length : end;
      return { at: readings.at.slice(0, count), said: readings.said.slice(0, count) };
    });

const judging = (failures: number, successes: number) => ({
  ...{ intervalMs: 60_000, timeoutMs: 10_000, flushMs: 15_000, failures, successes },
  policy: { type: 'any' } as const,
});

const limits = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 2 }))
  .map(([failures, successes]) => judging(failures, successes));

describe('following a location', () => {
  test('ends where the fold that judges live ends, reading by reading', () => {
    fc.assert(
      fc.property(readingsFrom(T), limits, (readings, rules) => {
        const { end } = follow({
          ...{ before: null, readings, ahead: noReadings(), outcomes, limits: rules },
          ...{ fromAt: T, toAt: T + HOUR_MS },
        });
        let view = newView(0);
        for (const [index, at] of readings.at.entries()) {
          const each = outcomes.get(Math.floor((readings.said[index] as number) / 65_536));
          const level = each.old ? null : each.level;
          view = fold(view, { at, ...each, level, rttUs: null, text: '' }, rules, rules);
        }
        const told = ({ level, at, run, blind, badSinceAt, lastGoodAt, seenGood }: typeof view) => {
          return { level, at, run: run && { ...run }, blind, badSinceAt, lastGoodAt, seenGood };
        };
        expect(told(end)).toEqual(told(view));
      }),
    );
  });

  test('says at every reading what the view said then, or what the run it began came to', () => {
    fc.assert(
      fc.property(readingsFrom(T), limits, (readings, rules) => {
        const { marks } = follow({
          ...{ before: null, readings, ahead: noReadings(), outcomes, limits: rules },
          ...{ fromAt: T, toAt: T + HOUR_MS },
        });
        let view = newView(0);
        for (const [index, at] of readings.at.entries()) {
          const each = outcomes.get(Math.floor((readings.said[index] as number) / 65_536));
          const level = each.old ? null : each.level;
          view = fold(view, { at, ...each, level, rttUs: null, text: '' }, rules, rules);
          const then = hasVote(view, at) ? statusOf(view.level) : 'unknown';
          const mark = marks.findLast(({ fromAt }) => fromAt <= at)?.status;
          if (mark !== then) expect(view.run).not.toBeNull();
        }
        expect(
          marks.every(
            (mark, index) => index === 0 || mark.fromAt > (marks[index - 1]?.fromAt ?? 0),
          ),
        ).toBe(true);
      }),
    );
  });

  test('in two hours says what it says in one go', () => {
    fc.assert(
      fc.property(readingsFrom(T), readingsFrom(T + HOUR_MS), limits, (first, second, rules) => {
        const base = { outcomes, limits: rules };
        const whole = follow({
          ...{ ...base, before: null, readings: union([first, second].map(copy), outcomes) },
          ...{ ahead: noReadings(), fromAt: T, toAt: T + 2 * HOUR_MS },
        });
        const one = follow({
          ...{
            ...base,
            before: null,
            readings: first,
            ahead: second,
            fromAt: T,
            toAt: T + HOUR_MS,
          },
        });
        const two = follow({
          ...{ ...base, before: one.end, readings: second, ahead: noReadings() },
          ...{ fromAt: T + HOUR_MS, toAt: T + 2 * HOUR_MS },
        });
        expect(two.end).toEqual(whole.end);
        const runs = (marks: typeof whole.marks) =>
          marks.flatMap(({ fromAt, status }, index) =>
            marks[index - 1]?.status === status ? [] : [`${status} ${fromAt - T}`],
          );
        expect(runs([...one.marks, ...two.marks])).toEqual(runs(whole.marks));
      }),
      {
        numRuns: 300,
        examples: [
          // A bad reading after a gap, a milder one after the hour: the run goes through both.
          [
            {
              at: [60_003, 120_006, 1_440_012, 3_440_012].map((after) => T + after),
              said: [2, 2, 1, 1].map((id) => saying(id, 0)),
            },
            { at: [T + 3_602_000, T + 3_604_000], said: [saying(2, 0), saying(2, 0)] },
            judging(3, 1),
          ],
        ],
      },
    );
  });
});

const copy = ({ at, said: all }: Readings): Readings => ({ at: [...at], said: [...all] });

describe('an hour as it is kept', () => {
  test('comes back reading by reading, with its runs and where it ended', () => {
    fc.assert(
      fc.property(readingsFrom(T), readingsFrom(T), limits, (home, office, rules) => {
        const folded = foldHour({
          ...{ hourAt: T, judging: rules, assigned: [1, 7], before: null, outcomes },
          readings: new Map([
            [1, home],
            [7, office],
          ]),
        });
        const bytes = encodeChunk(folded.chunk, outcomes, T);
        expect(decodeChunk(bytes, outcomes, T)).toEqual(folded.chunk);
        const carry = encodeCarry(folded.carry, rules, T + HOUR_MS);
        const again = decodeCarry(carry, T + HOUR_MS);
        expect(encodeCarry(again, rules, T + HOUR_MS)).toEqual(carry);
        expect(again.openSince).toBe(folded.carry.openSince);
        const line = lineOf(folded.chunk, outcomes, false, T, T + HOUR_MS);
        const read = decodeLine(encodeLine(line));
        expect({ ...read.merged, rtt: null }).toEqual({ ...line.merged, rtt: null });
        const { upMs, degradedMs, downMs, unknownMs } = line.merged;
        expect(upMs + degradedMs + downMs + unknownMs).toBe(HOUR_MS);
      }),
    );
  });

  test('is the same bytes whatever the order and number of the parts it came in', () => {
    fc.assert(
      fc.property(readingsFrom(T), fc.array(fc.nat(40), { maxLength: 6 }), (readings, cuts) => {
        const parts = cuts.map((cut) => ({
          at: readings.at.slice(cut),
          said: readings.said.slice(cut),
        }));
        const shuffled = union([...parts, copy(readings), ...parts], outcomes);
        expect(shuffled).toEqual(readings);
      }),
    );
  });

  test('that is damaged is refused, wherever', () => {
    const readings = { at: [T + 1, T + 60_001], said: [toLog16(1000), toLog16(1100)] };
    const { chunk } = foldHour({
      ...{ hourAt: T, judging: judging(2, 1), assigned: [1], before: null, outcomes },
      readings: new Map([[1, readings]]),
    });
    const bytes = encodeChunk(chunk, outcomes, T);
    for (let index = 0; index < bytes.length; index++) {
      const damaged = bytes.slice();
      damaged[index] = (damaged[index] as number) ^ 0x55;
      expect(() => decodeChunk(damaged, outcomes, T)).toThrow();
      expect(() => decodeChunk(bytes.subarray(0, index), outcomes, T)).toThrow();
    }
  });
});

describe('figures', () => {
  test('leave out what was planned and what nobody knows, and show both', () => {
    const runs = [
      { fromAt: T, status: 'up' as const },
      { fromAt: T + 600_000, status: 'down' as const },
      { fromAt: T + 1_200_000, status: 'unknown' as const },
      { fromAt: T + 1_800_000, status: 'up' as const },
    ];
    const planned = [{ fromAt: T + 900_000, toAt: T + 1_500_000 }];
    const times = timesOf(runs, T, T + HOUR_MS, planned);
    expect(times).toEqual({
      ...{ upMs: 2_400_000, degradedMs: 0, downMs: 300_000 },
      ...{ unknownMs: 300_000, maintenanceMs: 600_000 },
    });
    expect(uptimeOf(times)).toBe(88.888);
    expect(uptimeOf({ ...times, downMs: 1 })).toBe(99.999);
    expect(uptimeOf({ ...times, downMs: 0 })).toBe(100);
  });

  test('of parts add up; the least and the greatest round trip are exact, the median is between', () => {
    const codes = (from: number) =>
      Array.from({ length: 60 }, (_, index) => toLog16(from + index * 10));
    const part = (from: number) => ({
      ...combine([]),
      ...{ upMs: HOUR_MS, count: 60, good: 60, rtt: rttFigures(codes(from)) },
    });
    const whole = combine([part(1000), part(3000)]);
    expect(whole).toMatchObject({ upMs: 2 * HOUR_MS, count: 120, good: 120 });
    expect(whole.rtt?.minUs).toBe(part(1000).rtt?.minUs);
    expect(whole.rtt?.maxUs).toBe(part(3000).rtt?.maxUs);
    expect(whole.rtt?.p50Us).toBeGreaterThan(1000);
    expect(whole.rtt?.p50Us).toBeLessThan(3600);
  });

  test('are drawn at the finest step that fits a line', () => {
    const day = 24 * HOUR_MS;
    expect([HOUR_MS, day, 7 * day, 30 * day, 90 * day, 400 * day].map(stepFor)).toEqual([
      60_000,
      5 * 60_000,
      30 * 60_000,
      2 * HOUR_MS,
      6 * HOUR_MS,
      day,
    ]);
  });
});

describe('history against what was told', () => {
  const told = (openedAt: number, closedAt: number | null): ToldIncident => ({
    ...{ openedAt, closedAt, beganAt: null, endedAt: null, found: false },
  });
  const spans = badSpans(
    [
      { fromAt: T, status: 'up' },
      { fromAt: T + 100, status: 'down' },
      { fromAt: T + 200, status: 'unknown' },
      { fromAt: T + 300, status: 'down' },
      { fromAt: T + 400, status: 'up' },
    ],
    null,
    T + HOUR_MS,
  );

  test('a time that was not up goes through unknown and ends with the next up', () => {
    expect(spans).toEqual([
      { startAt: T + 100, endAt: T + 400, badUntilAt: T + 400, worst: 'down' },
    ]);
  });

  test('nobody noticed: a closed incident is added, once', () => {
    const first = reconcile(spans, [], T, T + HOUR_MS);
    expect(first.add).toEqual([{ openedAt: T + 100, closedAt: T + 400, worst: 'down' }]);
    const found = { ...told(T + 100, T + 400), found: true };
    expect(reconcile(spans, [found], T, T + HOUR_MS)).toEqual({ add: [], adjust: [], remove: [] });
    expect(reconcile([], [found], T, T + HOUR_MS).remove).toEqual([T + 100]);
  });

  test('noticed late: its start moves back, its end is left while it is open', () => {
    expect(reconcile(spans, [told(T + 350, null)], T, T + HOUR_MS).adjust).toEqual([
      { openedAt: T + 350, beganAt: T + 100, endedAt: null },
    ]);
  });

  test('told in two parts: both together are the whole', () => {
    const both = [told(T + 120, T + 200), told(T + 300, T + 390)];
    expect(reconcile(spans, both, T, T + HOUR_MS).adjust).toEqual([
      { openedAt: T + 120, beganAt: T + 100, endedAt: T + 300 },
      { openedAt: T + 300, beganAt: null, endedAt: T + 400 },
    ]);
  });

  test('told as one and bad in two hours with good time between: it began with the first', () => {
    const incident = told(T + 100, null);
    expect(reconcile(spans, [incident], T, T + HOUR_MS).adjust).toEqual([]);
    const later = badSpans([{ fromAt: T + HOUR_MS + 50, status: 'down' }], null, T + 2 * HOUR_MS);
    expect(reconcile(later, [incident], T + HOUR_MS, T + 2 * HOUR_MS).adjust).toEqual([]);
    const lasting = badSpans(
      [{ fromAt: T + HOUR_MS, status: 'down' }],
      T + 3_000_000,
      T + 2 * HOUR_MS,
    );
    expect(reconcile(lasting, [incident], T + HOUR_MS, T + 2 * HOUR_MS).adjust).toEqual([]);
  });

  test('told of twice in a bad time that goes on: the second begins where the first ends', () => {
    const [first, second] = [told(T + 100, T + 200), told(T + 300, null)];
    const bad = badSpans([{ fromAt: T + 100, status: 'down' }], null, T + HOUR_MS);
    expect(reconcile(bad, [first, second], T, T + HOUR_MS).adjust).toEqual([
      { openedAt: T + 100, beganAt: null, endedAt: T + 300 },
    ]);
    const on = badSpans([{ fromAt: T + HOUR_MS, status: 'down' }], T + 100, T + 2 * HOUR_MS);
    expect(reconcile(on, [second], T + HOUR_MS, T + 2 * HOUR_MS).adjust).toEqual([]);
    const third = told(T + HOUR_MS + 40, null);
    const over = told(T + 300, T + 500);
    expect(reconcile(on, [first, over, third], T + HOUR_MS, T + 2 * HOUR_MS).adjust).toEqual([
      { openedAt: T + HOUR_MS + 40, beganAt: T + 500, endedAt: null },
    ]);
    expect(reconcile(on, [third], T + HOUR_MS, T + 2 * HOUR_MS).adjust).toEqual([
      { openedAt: T + HOUR_MS + 40, beganAt: T + 100, endedAt: null },
    ]);
  });

  test('told to be over before the hour ends, and bad beyond: the next hour says when it ended', () => {
    const incident = told(T + 100, T + 200);
    const bad = badSpans([{ fromAt: T + 100, status: 'down' }], null, T + HOUR_MS);
    const [first] = reconcile(bad, [incident], T, T + HOUR_MS).adjust;
    expect(first).toEqual({ openedAt: T + 100, beganAt: null, endedAt: T + HOUR_MS });
    const held = { ...incident, endedAt: T + HOUR_MS };
    const until = (runs: Parameters<typeof badSpans>[0]) => {
      const spans = badSpans(runs, T + 100, T + 2 * HOUR_MS);
      return reconcile(spans, [held], T + HOUR_MS, T + 2 * HOUR_MS);
    };
    const on = { fromAt: T + HOUR_MS, status: 'down' } as const;
    const over = { fromAt: T + HOUR_MS + 500, status: 'up' } as const;
    const dark = { ...on, status: 'unknown' } as const;
    expect(until([on, over])).toEqual({
      add: [],
      adjust: [{ openedAt: T + 100, beganAt: null, endedAt: T + HOUR_MS + 500 }],
      remove: [],
    });
    expect(until([on]).adjust[0]?.endedAt).toBe(T + 2 * HOUR_MS);
    expect(until([dark, over]).adjust).toEqual([]);
    expect(until([dark]).adjust).toEqual([]);
    const known = { ...incident, endedAt: T + HOUR_MS + 500 };
    expect(reconcile(bad, [known], T, T + HOUR_MS).adjust).toEqual([]);
  });

  test('told to be over in an hour that is dark from then on: the next hour adds none of its own', () => {
    const incident = told(T + 100, T + 600);
    const runs = [
      { fromAt: T + 150, status: 'down' },
      { fromAt: T + 400, status: 'unknown' },
    ] as const;
    const { adjust } = reconcile(badSpans(runs, null, T + HOUR_MS), [incident], T, T + HOUR_MS);
    expect(adjust).toEqual([{ openedAt: T + 100, beganAt: T + 150, endedAt: null }]);
    const held = { ...incident, beganAt: T + 150 };
    const next = (then: Parameters<typeof badSpans>[0]) => {
      const spans = badSpans(then, T + 150, T + 2 * HOUR_MS);
      return reconcile(spans, [held], T + HOUR_MS, T + 2 * HOUR_MS);
    };
    const up = { fromAt: T + HOUR_MS + 33, status: 'up' } as const;
    expect(next([{ fromAt: T + HOUR_MS, status: 'unknown' }, up])).toEqual({
      ...{ add: [], adjust: [], remove: [] },
    });
    expect(next([{ fromAt: T + HOUR_MS + 10, status: 'down' }, up])).toEqual({
      ...{ add: [], remove: [] },
      adjust: [{ openedAt: T + 100, beganAt: T + 150, endedAt: T + HOUR_MS + 33 }],
    });
  });

  test('told over the end of an hour that had nothing bad: it began in the next, or never', () => {
    const incident = told(T + 100, T + HOUR_MS + 100);
    const [first] = reconcile([], [incident], T, T + HOUR_MS).adjust;
    expect(first?.beganAt).toBe(T + HOUR_MS);
    const moved = { ...incident, beganAt: T + HOUR_MS };
    expect(reconcile([], [moved], T + HOUR_MS, T + 2 * HOUR_MS).adjust).toEqual([
      { openedAt: T + 100, beganAt: null, endedAt: T + 100 },
    ]);
    expect(reconcile([], [moved], T, T + HOUR_MS).adjust).toEqual([]);
  });
});
