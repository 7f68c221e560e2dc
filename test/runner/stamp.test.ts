import { expect, test } from 'vitest';
import { tookUs, wallUs } from '#runner/net/stamp.ts';

function sent(msAgo: number) {
  return { sentAt: performance.now() - msAgo, sentWallUs: wallUs() - msAgo * 1000 };
}

test('what took until it came is told by the stamp, however late one looks', () => {
  const then = sent(500);
  expect(tookUs(then, then.sentWallUs + 1234)).toBe(1234);
});

test('a stamp that cannot be, since the clock was set meanwhile, is not believed', () => {
  for (const setBySeconds of [-3600, 3600]) {
    const then = sent(500);
    const us = tookUs(then, then.sentWallUs + 1234 + setBySeconds * 1e6);
    expect(us).toBeGreaterThanOrEqual(500_000);
    expect(us).toBeLessThan(3600 * 1e6);
  }
});

test('without a stamp it came when it was looked for', () => {
  expect(tookUs(sent(500), null)).toBeGreaterThanOrEqual(500_000);
});
