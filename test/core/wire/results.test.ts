import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeResults,
  encodeResults,
  envelopeSchema,
  MAX_RESULTS,
  type Result,
  type ResultsBody,
} from '#core/wire/results.ts';
import { T0 } from '../arbitrary.ts';

const HEAD = { sentAt: T0, configVersion: 7 };

const phases = fc.record({ dnsUs: fc.nat(9_000_000), totalUs: fc.nat(9_000_000) });
const metrics = fc.array(
  fc.record({ name: fc.string({ maxLength: 20 }), value: fc.integer(), unit: fc.constant('ms') }),
  { minLength: 1, maxLength: 3 },
);

const result: fc.Arbitrary<Result> = fc
  .record({
    checkId: fc.integer({ min: 1, max: 100_000 }),
    rev: fc.nat(65_535),
    at: fc.integer({ min: T0, max: T0 + 600_000 }),
    level: fc.option(fc.integer({ min: 100, max: 999 })),
    rttUs: fc.option(fc.nat(600_000_000)),
    code: fc.constantFrom('ok', 'timeout', 'http.status', 'unable.icmp'),
    text: fc.string({ maxLength: 200 }),
    blind: fc.boolean(),
    extra: fc.boolean(),
    detail: fc.option(fc.string({ minLength: 1, maxLength: 50 })),
    phases,
    metrics: fc.option(metrics),
  })
  .map(({ detail, metrics: some, phases: parts, blind, extra, ...rest }) => ({
    ...rest,
    ...(blind && { blind }),
    ...(extra && { extra }),
    ...(some && { metrics: some }),
    ...(detail !== null && { detail }),
    ...((some || detail !== null) && { phases: parts }),
  }));

function decoded(body: unknown) {
  const sent = JSON.parse(JSON.stringify(body)) as Record<string, unknown>;
  return decodeResults(sent, envelopeSchema.parse(sent));
}

const inOrder = (results: readonly Result[]) => [...results].sort((a, b) => a.at - b.at);

describe('a post of results', () => {
  test('arrives as it was sent, in the order of time', () => {
    fc.assert(
      fc.property(fc.array(result, { maxLength: 40 }), (results) => {
        expect(decoded(encodeResults(results, HEAD))).toEqual({
          ok: true,
          results: inOrder(results),
        });
      }),
    );
  });

  test('says a reason once, however often it occurs', () => {
    const failed = { rev: 1, level: 500, rttUs: null, code: 'timeout', text: 'after 5 s' };
    const results = [1, 2, 3].map((checkId) => ({ ...failed, checkId, at: T0 + checkId }));
    expect(encodeResults(results, HEAD).reasons).toEqual([['timeout', 'after 5 s']]);
  });

  test('500 plain results take less than 20 KB', () => {
    const results = Array.from({ length: MAX_RESULTS }, (_, index) => ({
      checkId: 100_000 + index,
      rev: 3,
      at: T0 + index * 37,
      level: 100,
      rttUs: 20_000 + index,
      code: 'ok',
      text: '',
    }));
    expect(JSON.stringify(encodeResults(results, HEAD)).length).toBeLessThan(20_000);
  });

  test('clocks with fractions of a millisecond are rounded on the way', () => {
    const fraction = { checkId: 1, rev: 1, level: 100, rttUs: 20.7, code: 'ok', text: '' };
    const answer = decoded(
      encodeResults(
        [
          { ...fraction, at: T0 + 0.4 },
          { ...fraction, at: T0 + 1.6 },
        ],
        HEAD,
      ),
    );
    expect(answer).toMatchObject({ ok: true, results: [{ at: T0, rttUs: 21 }, { at: T0 + 2 }] });
  });
});

describe('a post that is not one', () => {
  const column = fc.constantFrom(
    'check',
    'rev',
    'at',
    'level',
    'rttUs',
    'flags',
    'reason',
    'reasons',
    'more',
  );

  test('never throws, whatever stands in a column, and names the place', () => {
    fc.assert(
      fc.property(
        fc.array(result, { maxLength: 5 }),
        column,
        fc.jsonValue(),
        (some, name, junk) => {
          const answer = decoded({ ...encodeResults(some, HEAD), [name]: junk });
          if (answer.ok) return;
          expect(answer.issues.length).toBeGreaterThan(0);
          expect(answer.issues.length).toBeLessThanOrEqual(10);
          for (const { path, message } of answer.issues) {
            expect(path).toMatch(/^(check|rev|at|level|rttUs|flags|reason|reasons|more)\b/);
            expect(message).not.toBe('');
          }
        },
      ),
    );
  });

  test('never throws, whatever the whole body is', () => {
    const envelope = envelopeSchema.parse({ v: 1, sentAt: 0, configVersion: 0, base: 0 });
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (body) => {
        const answer = decodeResults(JSON.parse(JSON.stringify(body)), envelope);
        expect(answer.ok).toBe(false);
      }),
    );
  });

  const one: Result = { checkId: 5, rev: 1, at: T0, level: 500, rttUs: 7, code: 'slow', text: 'x' };
  const body = encodeResults([one, { ...one, at: T0 + 9, detail: 'seen' }], HEAD);
  const without = ({ level: _, ...rest }: ResultsBody) => rest;

  test.each<[string, unknown, string, string]>([
    ['a column left out', without(body), 'level', 'must be an array of integers'],
    ['a column that is too short', { ...body, rev: [1] }, 'rev', 'has 1 entries where check has 2'],
    [
      'a fraction',
      { ...body, rttUs: [1.5, 2] },
      'rttUs[0]',
      'is 1.5; it must be -1 (none) or micro',
    ],
    ['a word', { ...body, check: [5, 'six'] }, 'check[1]', 'is string; it must be a check id'],
    ['a level off the scale', { ...body, level: [50, 100] }, 'level[0]', 'is 50; it must be 0'],
    ['a time that falls', { ...body, at: [9, 0] }, 'at[1]', 'is earlier than the one before it'],
    ['a reason that is not there', { ...body, reason: [0, 4] }, 'reason[1]', 'names entry 4 of 1'],
    [
      'a code in capitals',
      { ...body, reasons: [['BAD', '']] },
      'reasons[0]',
      'must be [code, text',
    ],
    ['evidence of nothing', { ...body, more: { 7: {} } }, 'more.7', 'is not the index of a result'],
    ['evidence under no index', { ...body, more: { '': {} } }, 'more.', 'is not the index'],
    ['evidence that is no object', { ...body, more: { 1: 'x' } }, 'more.1', 'expected object'],
    [
      'a metric without number',
      { ...body, more: { 1: { metrics: [{ name: 'a' }] } } },
      'more.1.metrics.0.value',
      'expected number',
    ],
  ])('%s is refused by name', (_, wrong, path, message) => {
    const answer = decoded(wrong);
    expect(answer.ok ? [] : answer.issues).toContainEqual({
      path,
      message: expect.stringContaining(message),
    });
  });

  test('more than 500 results are refused', () => {
    const many = encodeResults(
      Array.from({ length: 501 }, (_, index) => ({ ...one, at: T0 + index })),
      HEAD,
    );
    expect(decoded(many)).toMatchObject({
      ok: false,
      issues: [{ path: 'check', message: 'has 501 entries; at most 500 are taken' }],
    });
  });

  test('an envelope names the field that is wrong', () => {
    const parsed = envelopeSchema.safeParse({ v: 2, sentAt: 'now', configVersion: 1, base: 0 });
    expect(parsed.error?.issues.map(({ path }) => path.join('.'))).toEqual(['v', 'sentAt']);
  });
});
