import { expect, test } from 'vitest';
import { policySchema } from '#core/policy.ts';

test.each([
  ['any', { type: 'any' }],
  ['majority', { type: 'majority' }],
  ['all', { type: 'all' }],
  [{ type: 'any' }, { type: 'any' }],
  [
    { type: 'atLeast', n: 2 },
    { type: 'atLeast', n: 2 },
  ],
  [
    { type: 'required', locations: [1, 4] },
    { type: 'required', locations: [1, 4] },
  ],
])('%j is a policy', (input, policy) => {
  expect(policySchema.parse(input)).toEqual(policy);
});

test.each([
  'most',
  { type: 'atLeast' },
  { type: 'atLeast', n: 0 },
  { type: 'required', locations: [] },
  { type: 'any', n: 2 },
  null,
])('%j is none', (input) => {
  expect(policySchema.safeParse(input).success).toBe(false);
});
