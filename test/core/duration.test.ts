import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  duration,
  formatDuration,
  humanDuration,
  humanRtt,
  parseDuration,
} from '#core/duration.ts';

describe('a duration as people write it', () => {
  test.each([
    ['250ms', 250],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['1 h 30 m', 5_400_000],
    ['1.5h', 5_400_000],
    ['2D', 172_800_000],
    [' 90s ', 90_000],
    ['0s', 0],
  ])('%j is %i ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each(['', '5', '5 parsecs', '5m parsecs', 's', '-5s', '1,5s', '5 minutes', 'm5', '1e3s'])(
    '%j is none',
    (text) => {
      expect(parseDuration(text)).toBeNull();
    },
  );

  test('what is written is read again, to the millisecond', () => {
    fc.assert(
      fc.property(fc.nat(10 * 86_400_000), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
    );
  });

  test('a field says what it was and what would be right', () => {
    const field = duration(1000, 86_400_000);
    const messageOf = (text: string) => field.safeParse(text).error?.issues[0]?.message;
    expect(field.parse('5m')).toBe(300_000);
    expect(messageOf('5 parsecs')).toBe(
      '"5 parsecs" is not a duration; write it like "30s", "5m" or "1h30m"',
    );
    expect(messageOf('10ms')).toBe('"10ms" is out of range (1s to 1d)');
    expect(messageOf(`${'9'.repeat(400)}s`)?.length).toBeLessThan(100);
  });
});

test.each([
  [0, '0 s'],
  [400, '0 s'],
  [59_600, '1 min'],
  [200_000, '3 min 20 s'],
  [3_600_000, '1 h'],
  [3_605_000, '1 h'],
  [187_200_000, '2 d 4 h'],
  [-5, '0 s'],
])('%i ms is told as "%s"', (ms, words) => {
  expect(humanDuration(ms)).toBe(words);
});

test.each([
  [4, '0.004 ms'],
  [210, '0.21 ms'],
  [7340, '7.3 ms'],
  [34_100, '34 ms'],
  [1_204_000, '1.20 s'],
])('%i µs is told as "%s"', (us, words) => {
  expect(humanRtt(us)).toBe(words);
});
