// Hosts that must report: their silence is a fact about the host, not about the network in between.
import { SILENT } from './level.ts';
import type { Verdict } from './merge.ts';
import type { Hearing } from './pulse.ts';

export const ALIVE_TIMEOUT_MS = 90_000;

/** The verdict over a host's own reports: up while they come, 999 when they stop. A deaf worker declares none silent. */
export function reportVerdict(input: {
  reportedAt: number;
  aliveTimeoutMs: number;
  heard: Hearing;
}): Verdict {
  const { reportedAt, aliveTimeoutMs, heard } = input;
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
    text: 'no report',
  };
}
