// The few shapes a probe's answer has.
import { humanRtt } from '#core/duration.ts';
import { CRITICAL, ERROR, type Level, OK, statusOf, WARNING } from '#core/level.ts';
import type { Measurement } from '#core/reading.ts';
import { publicReason, type ReasonCode } from '#core/reason.ts';
import type { Failure } from '../failure.ts';

type Rest = Omit<Measurement, 'level' | 'rttUs' | 'code' | 'text'>;

/** Limits above which an answer is slow; in milliseconds. */
export interface TimeLimits {
  degradedAfter?: number | undefined;
  downAfter?: number | undefined;
}

/** It answered as wished; only the time may still be wrong. */
export function answered(
  rttUs: number,
  limits: TimeLimits,
  rest: Rest = {},
  text = '',
): Measurement {
  const { degradedAfter, downAfter } = limits;
  if (downAfter !== undefined && rttUs > downAfter * 1000) {
    return { level: CRITICAL, rttUs, code: 'slow', text: slower(rttUs, downAfter), ...rest };
  }
  if (degradedAfter !== undefined && rttUs > degradedAfter * 1000) {
    return { level: WARNING, rttUs, code: 'slow', text: slower(rttUs, degradedAfter), ...rest };
  }
  return { level: OK, rttUs, code: 'ok', text, ...rest };
}

/** What was measured otherwise, and found well, may still have taken too long. */
export function slowed<M extends Measurement>(measured: M, limits: TimeLimits): M {
  const { level, rttUs } = measured;
  if (level === null || rttUs === null || statusOf(level) !== 'up') return measured;
  const { code, text, level: limited } = answered(rttUs, limits);
  return code === 'slow' ? { ...measured, level: limited, code, text } : measured;
}

/** It did not answer as wished, or (codes `unable.*`) the runner could not ask. */
export function failed(
  failure: Failure,
  rest: Rest & { rttUs?: number; level?: Level } = {},
): Measurement {
  const { rttUs = null, level = ERROR, ...more } = rest;
  const { code, text } = failure;
  return { level: isUnable(code) ? null : level, rttUs, code, text, ...more };
}

/** For what must not answer: up and down change places; what could not be measured stays so. */
export function inverted<M extends Measurement>(measured: M): M {
  const { level, code, text } = measured;
  if (level === null) return measured;
  if (statusOf(level) !== 'down') {
    const came = text === '' ? '' : `: ${text}`;
    return { ...measured, level: ERROR, code: 'inverted', text: `it answers, and must not${came}` };
  }
  const why = text === '' ? publicReason(code) : text;
  return { ...measured, level: OK, code: 'ok', text: `as wished: ${why}` };
}

export function isUnable(code: ReasonCode): boolean {
  return code.startsWith('unable.');
}

function slower(rttUs: number, limitMs: number): string {
  return `${humanRtt(rttUs)}, slower than ${humanRtt(limitMs * 1000)}`;
}
