import { canLookFromWorker } from '#core/checks/fromWorker.ts';
import type { CheckSpec } from '#core/checks/index.ts';
import { addressRefusal, hostRefusal } from '#core/net/reach.ts';
import type { Finding, Measurement } from '#core/reading.ts';
import type { Platform } from '#worker/platform.ts';
import { lookOf } from './index.ts';
import type { Outside } from './outside.ts';

interface How {
  outside: Outside;
  timeoutMs: number;
  /** Epoch ms. */
  at: number;
  /** One more request; false = there is no room for it. */
  spend: () => boolean;
  explain?: (finding: Finding) => void;
}

/** One look at a target, as it came; null = there was no room for it to the end, or the worker cannot look at that kind. */
export async function lookOnce(
  platform: Platform,
  spec: CheckSpec,
  { outside, timeoutMs, at, spend, explain }: How,
): Promise<Measurement | null> {
  if (!canLookFromWorker(spec.kind)) return null;
  const { workerNetworks: allowed } = platform.config;
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(new Error('out of time')), timeoutMs);
  try {
    return await lookOf(spec.kind)(spec as never, {
      outside,
      permitHost: (host) => hostRefusal(host, allowed),
      permit: (address) => addressRefusal(address, allowed),
      timeoutMs,
      signal: giveUp.signal,
      spend,
      random: platform.random,
      now: at,
      explain,
    });
  } finally {
    clearTimeout(timer);
  }
}
