// Hosts that must report: their silence is a fact about the host, not about the network in between.
import { SILENT } from './level.ts';
import type { Verdict } from './merge.ts';
import type { Hearing } from './pulse.ts';

export const ALIVE_TIMEOUT_MS = 90_000;

/**
 * How long a host may be silent: as set, but never less than it takes its runner to measure once and to post twice and
 * a little, so that a worker that asks for posts seldom calls nobody silent for it.
 */
export function silentHostAfterMs(given: {
  mustReportMs: number;
  intervalMs: number;
  flushMs: number;
}): number {
  return Math.max(given.mustReportMs, given.intervalMs + 3 * given.flushMs);
}

/** The verdict over a host's own reports: up while they come, 999 when they stop. A deaf worker declares none silent. */
export function reportVerdict(input: {
  reportedAt: number;
  aliveTimeoutMs: number;
  heard: Hearing;
  /** Who is to report. */
  from?: string;
}): Verdict {
  const { reportedAt, aliveTimeoutMs, heard, from = '' } = input;
  const base = { rttUs: null, locations: [], witnesses: [], lone: null };
  if (reportedAt === 0) {
    return {
      ...base,
      status: 'unknown',
      level: null,
      rule: 'none_known',
      sinceAt: null,
      code: '',
      text: '',
    };
  }
  if (heard.judgedAt <= reportedAt + aliveTimeoutMs) {
    return {
      ...base,
      status: 'up',
      level: 100,
      rule: 'best',
      sinceAt: reportedAt,
      code: 'ok',
      text: '',
    };
  }
  return {
    ...base,
    status: 'down',
    level: SILENT,
    rule: 'all_bad',
    sinceAt: reportedAt,
    code: 'silent',
    text: from === '' ? 'no report' : `no report from ${from}`,
  };
}
