import { expect, test } from 'vitest';
import { ALIVE_TIMEOUT_MS, reportVerdict } from '#core/report.ts';

const verdict = (reportedAt: number, judgedAt: number) =>
  reportVerdict({
    reportedAt,
    aliveTimeoutMs: ALIVE_TIMEOUT_MS,
    heard: { judgedAt, deaf: false },
  });

test('a host that reports is up', () => {
  expect(verdict(1_000_000, 1_090_000)).toMatchObject({ status: 'up', level: 100 });
});

test('90 s without a report are level 999, since the last one', () => {
  expect(verdict(1_000_000, 1_090_001)).toMatchObject({
    status: 'down',
    level: 999,
    sinceAt: 1_000_000,
    code: 'silent',
  });
});

test('a host that never reported is unknown', () => {
  expect(verdict(0, 1_000_000)).toMatchObject({ status: 'unknown', level: null });
});
