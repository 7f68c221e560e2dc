import { describe, expect, test } from 'vitest';
import { checkNotice } from '#test/support/notices.ts';
import { TEST_START } from '#test/support/platform.ts';
import type { Claim, Owed } from '#worker/dispatch/claim.ts';
import { LIMITS } from '#worker/dispatch/limits.ts';
import { planRound } from '#worker/dispatch/plan.ts';

/** Deliveries of one check to one channel, oldest first, by the token under which each was taken before. */
function taken(...earlierTokens: string[]): Claim {
  const owed = earlierTokens.map((earlierToken, index): Owed => {
    const to = index % 2 === 0 ? ('down' as const) : ('up' as const);
    const id = index + 1;
    const notice = checkNotice(1, { to, at: TEST_START + id });
    return {
      id,
      channelId: 1,
      notice,
      attempts: 0,
      createdAt: TEST_START,
      lastError: null,
      earlierToken,
    };
  });
  const channel = {
    ...{ id: 1, name: 'Ops', kind: 'telegram', config: {}, secrets: '' },
    ...{ enabled: true, createdAt: TEST_START },
  };
  return {
    token: 'now',
    at: TEST_START + 1000,
    owed,
    blockers: [],
    channels: new Map([[1, channel]]),
    lastSentAt: new Map(),
  };
}

function sentIn(claim: Claim): number[][] {
  const { bundles } = planRound(claim, LIMITS, LIMITS.calls);
  return bundles.map(({ deliveries }) => deliveries.map(({ id }) => id));
}

describe('what somebody took and died with', () => {
  test('goes first, by itself', () => {
    expect(sentIn(taken('before', 'before', '', ''))).toEqual([[1], [2]]);
  });

  test('does not overtake what its stream had to say before it', () => {
    expect(sentIn(taken('before', '', 'before'))).toEqual([[1]]);
    expect(sentIn(taken('', 'before'))).toEqual([[1], [2]]);
  });

  test('counts as untried when it was only waiting for an earlier one', () => {
    const { held } = planRound(taken('before', '', 'before'), LIMITS, LIMITS.calls);
    expect(held.map(({ id, earlierToken }) => [id, earlierToken])).toEqual([
      [2, ''],
      [3, ''],
    ]);
  });
});
