// What a look of the worker gets, and gives.
import { humanRtt } from '#core/duration.ts';
import { CRITICAL, ERROR, type Level, OK, statusOf, WARNING } from '#core/level.ts';
import type { Finding, Measurement } from '#core/reading.ts';
import { publicReason, type ReasonCode } from '#core/reason.ts';
import { shortened } from '#core/text.ts';
import type { Outside, Permit } from './outside.ts';

export interface LookContext {
  outside: Outside;
  /** Why a host, as it is written, may not be looked at; null = it may. */
  permitHost: Permit;
  /** The same for an address. */
  permit: Permit;
  timeoutMs: number;
  signal: AbortSignal;
  /** One more request; false = there is no room for it in this run. */
  spend: () => boolean;
  random: (n: number) => Uint8Array;
  /** Epoch ms. */
  now: number;
  /** Told of each thing that was expected, and what came; absent = the first that is wrong will do. */
  explain?: ((finding: Finding) => void) | undefined;
}

/** Null = it found no room to the end, so nothing is known. Never throws. */
export type WorkerLook<Spec> = (spec: Spec, context: LookContext) => Promise<Measurement | null>;

const MOST_TEXT = 200;

export function failed(code: ReasonCode, text: string, level: Level = ERROR): Measurement {
  const unable = code.startsWith('unable.');
  return { level: unable ? null : level, rttUs: null, code, text: shortened(text, MOST_TEXT) };
}

/** It answered as wished; only the time may still be wrong. */
export function answered(
  rttUs: number,
  limits: { degradedAfter?: number | undefined; downAfter?: number | undefined },
): Measurement {
  const { degradedAfter, downAfter } = limits;
  const slow = (level: Level, limitMs: number): Measurement => {
    const text = `${humanRtt(rttUs)}, slower than ${humanRtt(limitMs * 1000)}`;
    return { level, rttUs, code: 'slow', text };
  };
  if (downAfter !== undefined && rttUs > downAfter * 1000) return slow(CRITICAL, downAfter);
  if (degradedAfter !== undefined && rttUs > degradedAfter * 1000)
    return slow(WARNING, degradedAfter);
  return { level: OK, rttUs, code: 'ok', text: '' };
}

/** For what must not answer: up and down change places; what could not be asked stays so. */
export function inverted(measured: Measurement): Measurement {
  const { level, code, text } = measured;
  if (level === null) return measured;
  if (statusOf(level) === 'down') {
    const why = `as wished: ${text === '' ? publicReason(code) : text}`;
    return { ...measured, level: OK, code: 'ok', text: shortened(why, MOST_TEXT) };
  }
  return { ...measured, level: ERROR, code: 'inverted', text: 'it answers, and must not' };
}
