import { describe, expect, it } from 'vitest';
import { isUnreadable } from '#core/expect/comparison.ts';
import { meetsHeader, parseHeaderExpectation } from '#core/expect/header.ts';
import { meetsJson, parseJsonExpectation } from '#core/expect/json.ts';

const search = (pattern: string, text: string) => new RegExp(pattern, 'u').test(text);

const DOCUMENT = {
  status: 'ok',
  queue: [1, 2, 3],
  items: [{ id: 7 }, { id: null }],
  'a b': { "it's": true },
  load: 0.5,
  length: 'of a rope',
};

function json(text: string, document: unknown = DOCUMENT): boolean {
  const expectation = parseJsonExpectation(text);
  if (isUnreadable(expectation)) throw new Error(`${expectation.at}: ${expectation.message}`);
  return meetsJson(expectation, document, search).ok;
}

describe('a comparison about JSON', () => {
  it.each([
    '$.status == "ok"',
    '$.status != "down"',
    '$.queue.length < 10',
    '$.queue.length >= 3',
    '$.queue[-1] == 3',
    '$.queue contains 2',
    '$.queue lacks 9',
    '$.items[0].id exists',
    '$.items[1].id == null',
    '$.items[2].id missing',
    '$["a b"]["it\'s"] == true',
    '$.length contains "rope"',
    '$.status matches /^(ok|fine)$/',
    '$.load<=0.5',
    '$ contains "status"',
  ])('%s holds', (text) => {
    expect(json(text)).toBe(true);
  });

  it.each([
    '$.status == "OK"',
    '$.status < 10',
    '$.nothing == null',
    '$.nothing lacks "x"',
    '$.items[0].id missing',
    '$.queue == 3',
    '$.__proto__ exists',
    '$.items matches /./',
  ])('%s does not hold', (text) => {
    expect(json(text)).toBe(false);
  });

  it('reads a bare value as the whole document', () => {
    expect(json('$ == 5', 5)).toBe(true);
    expect(json('$[0] exists', 5)).toBe(false);
  });

  it.each([
    ['status == 1', 1, 'must begin with "$", the whole document'],
    ['$.status = "ok"', 10, '"=" is no comparison; write ==, !=,'],
    ['$.status == ok', 13, 'ok is no value; write a number'],
    ['$.status', 9, 'a comparison is missing'],
    ['$.a. == 1', 4, 'is no step; write .name'],
    ['$.items[x] == 1', 8, 'is no step'],
    ['$.a ==', 7, '"==" needs a value after it'],
    ['$.a exists yes', 12, 'nothing may follow "exists"'],
    ['$.a < "b"', 7, '"<" needs a number after it'],
    ['$.a matches /(/', 13, '/(/ is not a valid regular expression'],
    ['$.a == {"b":1}', 8, 'is no value'],
    ['$.aä == 1', 4, '"ä" does not belong into a path'],
  ])('%s is refused at character %i', (text, at, message) => {
    const read = parseJsonExpectation(text);
    expect(read).toMatchObject({ at });
    expect((read as { message: string }).message).toContain(message);
  });
});

describe('a comparison about a header', () => {
  const headers = new Map([
    ['content-type', 'application/json; charset=utf-8'],
    ['age', '30'],
    ['x-cache', 'HIT'],
  ]);

  it.each([
    ['Content-Type contains json', true],
    ['content-type: contains "json"', true],
    ['age < 60', true],
    ['age == 30', true],
    ['age > 60', false],
    ['x-cache == HIT', true],
    ['x-cache matches /^hit$/', false],
    ['x-powered-by missing', true],
    ['x-powered-by == ""', false],
    ['x-cache < 5', false],
  ])('%s: %s', (text, holds) => {
    const expectation = parseHeaderExpectation(text);
    if (isUnreadable(expectation)) throw new Error(expectation.message);
    expect(meetsHeader(expectation, headers, search).ok).toBe(holds);
  });

  it('is refused without a name or a comparison', () => {
    expect(parseHeaderExpectation('"x" == 1')).toMatchObject({ at: 1 });
    expect(parseHeaderExpectation('age: 30')).toMatchObject({ at: 6 });
  });
});
