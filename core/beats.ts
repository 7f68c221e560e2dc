// When the next beat of a job is due, what a call says, and what is forgiven because nobody was there to hear it.
import { graceMs, type HeartbeatSpec } from './checks/heartbeat.ts';
import { nextCron, parseCron } from './cron.ts';
import { utcText } from './instant.ts';
import { ERROR, OK, SILENT } from './level.ts';
import type { Moment, Said } from './said.ts';

const DAY_MS = 86_400_000;
/** A job's clock may be that much ahead: a beat shortly before its time is the beat of that time. */
const EARLY_MS = 30_000;
/** Beats closer together than this may be taken for one (worker/answers/beat.ts), so a deadline waits that much longer. */
export const TOGETHER_MS = 10_000;

/** A stretch of time in which beats may have been lost. */
export interface Deafness {
  fromAt: number;
  toAt: number;
}

/** Until when the beat after one at `at` may come. */
export function deadlineAfter(spec: HeartbeatSpec, at: number): number {
  return expectedAfter(spec, at) + graceMs(spec);
}

function expectedAfter({ period = DAY_MS, schedule, zone }: HeartbeatSpec, at: number): number {
  const cron = schedule === undefined ? null : parseCron(schedule);
  if (cron === null || typeof cron === 'string') return at + period;
  return nextCron(cron, zone, at + EARLY_MS);
}

/**
 * A deadline, put off when the beat it waits for may have come while nobody heard: then the one after is waited for.
 * Beats may come early by half a period, or by the little that clocks differ when there is a schedule. The same
 * deafness twice puts nothing off any further.
 */
export function forgiving(spec: HeartbeatSpec, dueAt: number, deafness: Deafness | null): number {
  if (deafness === null) return dueAt;
  const { fromAt, toAt } = deafness;
  const early = spec.schedule === undefined ? (spec.period ?? DAY_MS) / 2 : EARLY_MS;
  const mayComeFrom = dueAt - graceMs(spec) - early;
  if (dueAt < fromAt || mayComeFrom > toAt) return dueAt;
  return Math.max(dueAt, deadlineAfter(spec, toAt));
}

export function isOverdue(dueAt: number, now: number): boolean {
  return now > dueAt + TOGETHER_MS;
}

/** What a call to the URL of a heartbeat says. */
export type Signal =
  | { type: 'ok' | 'start' | 'log' }
  /** `exitCode` null = it just says so. */
  | { type: 'fail'; exitCode: number | null };

/** Reads what follows the token in the address; null = it is nothing that a job may say. */
export function signalOf(word: string): Signal | null {
  if (word === '') return { type: 'ok' };
  if (word === 'start' || word === 'log') return { type: word };
  if (word === 'fail') return { type: 'fail', exitCode: null };
  if (!/^\d{1,3}$/.test(word) || Number(word) > 255) return null;
  const exitCode = Number(word);
  return exitCode === 0 ? { type: 'ok' } : { type: 'fail', exitCode };
}

/** What is held to be so after a call. `log` changes nothing. */
export function hear(
  said: Said,
  spec: HeartbeatSpec,
  signal: Signal,
  { now, rev }: Pick<Moment, 'now' | 'rev'>,
): Said {
  if (signal.type === 'log') return said;
  if (signal.type === 'start') {
    return { ...said, rev, startedAt: now, dueAt: now + graceMs(spec) };
  }
  const failed = signal.type === 'fail';
  const why = failed && signal.exitCode !== null ? `exit code ${signal.exitCode}` : 'it says so';
  return {
    rev,
    level: failed ? ERROR : OK,
    code: failed ? 'heartbeat.failed' : 'ok',
    text: failed ? why : '',
    lastAt: now,
    dueAt: deadlineAfter(spec, now),
    startedAt: null,
    runMs: said.startedAt === null ? null : Math.max(0, now - said.startedAt),
  };
}

/**
 * What is held to be so when no call came: it is missed from its deadline on. What was changed or not watched is waited
 * for anew; one that never called is waited for by nobody.
 */
export function watch(said: Said, spec: HeartbeatSpec, moment: Moment): Said {
  const { now, rev, paused, deaf, deafness } = moment;
  if (paused) return said.dueAt === 0 ? said : { ...said, dueAt: 0, startedAt: null };
  if (said.lastAt === 0 && said.startedAt === null) return said;
  const anew = said.dueAt === 0 || said.rev !== rev;
  const counted = anew ? deadlineAfter(spec, now) : said.dueAt;
  const dueAt = forgiving(spec, counted, deafness);
  const waiting = anew || dueAt !== said.dueAt ? { ...said, rev, dueAt } : said;
  if (deaf || said.level === SILENT || !isOverdue(dueAt, now)) return waiting;
  const { lastAt, startedAt } = said;
  const text =
    startedAt === null
      ? `no beat since ${utcText(lastAt)}`
      : `it started at ${utcText(startedAt)} and has not ended`;
  return { ...waiting, level: SILENT, code: 'heartbeat.missed', text };
}
