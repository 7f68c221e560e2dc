// Thousands of targets that never answer, on one runner with others that do.
import { expect, test } from 'vitest';
import { crowdInOwnNetwork } from '#test/support/probes/runAlone.ts';

test('10,000 targets that swallow every packet and 2,000 names nobody answers for hold up no other check', async () => {
  const order = { swallowed: 10_000, silent: 2000, well: 100 };
  const timing = { intervalMs: 20_000, timeoutMs: 8000, turns: 1 };
  const descriptors = 2048;
  const outcome = await crowdInOwnNetwork({ ...order, ...timing }, descriptors);
  const { codes, late, mostDescriptors, grownMiB } = outcome;
  // Each is named for what it is, however many there are.
  expect(Object.keys(codes.swallowed ?? {})).toEqual(['connect.timeout']);
  const silent = Object.keys(codes.silent ?? {}).filter((code) => code !== 'dns.failed');
  expect(silent).toEqual(['dns.timeout']);
  // The well ones are all found well, each as often as it was due.
  expect(Object.keys(codes.well ?? {})).toEqual(['ok']);
  expect(codes.well?.ok).toBeGreaterThanOrEqual(order.well * timing.turns);
  // A busy machine may stop the whole process for a moment.
  expect(late).toBeLessThan(1000);
  expect(mostDescriptors).toBeLessThan(descriptors * 0.75);
  expect(grownMiB).toBeLessThan(400);
}, 120_000);
