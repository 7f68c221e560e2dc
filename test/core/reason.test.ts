import { expect, test } from 'vitest';
import { isReasonCode, publicReason, REASONS } from '#core/reason.ts';

test.each(Object.entries(REASONS))(
  '%s has plain words, and says how to mend it',
  (code, reason) => {
    expect(code).toMatch(/^[a-z0-9_.]{1,64}$/);
    expect(reason.publicText).toMatch(/^\S.*\S$/);
    expect(reason.mend === '').toBe(code === 'ok');
  },
);

test('a code of a newer runner stands for itself', () => {
  expect(publicReason('quic.refused')).toBe('quic.refused');
  expect(isReasonCode('toString')).toBe(false);
  expect(publicReason('connect.refused')).toBe('connection refused');
});
