// A post of results: columns, so that 500 of them cost little to write and to read. The envelope goes through zod;
// the columns through the hand-written checker below (zod has no JIT at the edge).
import * as z from 'zod';
import type { Reading } from '../reading.ts';
import { type Ask, askSchema } from './ask.ts';
import { type RunnerHealth, runnerHealthSchema } from './health.ts';

export const MAX_RESULTS = 500;
/** Of the body after inflation. */
export const MAX_BODY_BYTES = 64 * 1024;
/** Readings further in the future than this are dropped one by one. */
export const MAX_FUTURE_MS = 60_000;
const MAX_TEXT = 200;

/** Bits of the `flags` column. */
export const FLAG_BLIND = 1;
/** Taken outside the grid: a retry or a re-probe. */
export const FLAG_EXTRA = 2;
/** Asked for by the worker, because another location saw the check turn. */
export const FLAG_ASKED = 4;

/** One measured thing on its way to the worker. */
export interface Result extends Reading {
  checkId: number;
  rev: number;
  extra?: boolean;
}

export const envelopeSchema = z.object({
  v: z.literal(1),
  /** The runner's clock when it signed. */
  sentAt: z.int().min(0),
  /** The newest assignments the runner knows. */
  configVersion: z.int().min(0),
  /** Results dropped by the runner since its last post (spool full, too old). */
  lost: z.int().min(0).default(0),
  /** Epoch ms; `at` counts from here. */
  base: z.int().min(0),
  /** What the runner says of itself, now and then. */
  runner: runnerHealthSchema.optional().catch(undefined),
});

export type Envelope = z.output<typeof envelopeSchema>;

export interface ColumnIssue {
  /** As "level[3]". */
  path: string;
  message: string;
}

/** The wire form. All columns have the same length; `-1` and `0` stand for "none" where noted. */
export interface ResultsBody extends Envelope {
  check: number[];
  rev: number[];
  /** ms after `base`, never falling. */
  at: number[];
  /** 100–999; 0 = unable. */
  level: number[];
  /** µs; -1 = none. */
  rttUs: number[];
  flags: number[];
  /** Index into `reasons`; -1 = "ok" without text. */
  reason: number[];
  reasons: Array<[code: string, text: string]>;
  /** By index: what few results carry. */
  more?: Record<string, Pick<Reading, 'phases' | 'metrics' | 'detail'>>;
}

/** Packs results, sorted by time here, into the wire form. */
export function encodeResults(
  results: readonly Result[],
  head: { sentAt: number; configVersion: number; lost?: number; runner?: RunnerHealth | undefined },
): ResultsBody {
  const sorted = [...results].sort((a, b) => a.at - b.at);
  const base = Math.round(sorted[0]?.at ?? head.sentAt);
  const reasonIndex = new Map<string, number>();
  const body: ResultsBody = {
    v: 1,
    sentAt: head.sentAt,
    configVersion: head.configVersion,
    lost: head.lost ?? 0,
    base,
    ...(head.runner && { runner: head.runner }),
    check: [],
    rev: [],
    at: [],
    level: [],
    rttUs: [],
    flags: [],
    reason: [],
    reasons: [],
  };
  for (const result of sorted) {
    body.check.push(result.checkId);
    body.rev.push(result.rev);
    body.at.push(Math.round(result.at) - base);
    body.level.push(result.level ?? 0);
    body.rttUs.push(Math.round(result.rttUs ?? -1));
    body.flags.push(flagsOf(result));
    body.reason.push(reasonOf(result, reasonIndex, body.reasons));
    const { phases, metrics, detail } = result;
    // Phases alone are not worth their bytes: they go with evidence only.
    if (metrics || detail) {
      body.more ??= {};
      body.more[body.check.length - 1] = {
        ...(phases && { phases }),
        ...(metrics && { metrics }),
        ...(detail && { detail }),
      };
    }
  }
  return body;
}

export function flagsOf({ blind, extra, asked }: Result): number {
  return (blind ? FLAG_BLIND : 0) | (extra ? FLAG_EXTRA : 0) | (asked ? FLAG_ASKED : 0);
}

/** Only what is set is there. */
export function flagged(flags: number): Pick<Result, 'blind' | 'extra' | 'asked'> {
  return {
    ...((flags & FLAG_BLIND) !== 0 && { blind: true }),
    ...((flags & FLAG_EXTRA) !== 0 && { extra: true }),
    ...((flags & FLAG_ASKED) !== 0 && { asked: true }),
  };
}

function reasonOf(
  result: Result,
  seen: Map<string, number>,
  reasons: ResultsBody['reasons'],
): number {
  const text = result.text.slice(0, MAX_TEXT);
  if (result.code === 'ok' && text === '') return -1;
  const key = `${result.code}\n${text}`;
  const known = seen.get(key);
  if (known !== undefined) return known;
  seen.set(key, reasons.length);
  return reasons.push([result.code, text]) - 1;
}

const COLUMNS = ['check', 'rev', 'at', 'level', 'rttUs', 'flags', 'reason'] as const;

const LIMITS: Record<(typeof COLUMNS)[number], [min: number, max: number, what: string]> = {
  check: [1, Number.MAX_SAFE_INTEGER, 'a check id'],
  rev: [0, 0xffff_ffff, 'a revision'],
  at: [0, 0xffff_ffff, 'milliseconds after base'],
  level: [0, 999, '0 (unable) or a level from 100 to 999'],
  rttUs: [-1, 600_000_000, '-1 (none) or microseconds'],
  flags: [0, 255, 'a set of flags'],
  reason: [-1, MAX_RESULTS, '-1 or an index into reasons'],
};

/** Reads the columns of a body whose envelope is already parsed. Stops at ten issues. */
export function decodeResults(
  body: Record<string, unknown>,
  envelope: Envelope,
): { ok: true; results: Result[] } | { ok: false; issues: ColumnIssue[] } {
  const issues: ColumnIssue[] = [];
  const columns = {} as Record<(typeof COLUMNS)[number], number[]>;
  const length = Array.isArray(body.check) ? body.check.length : 0;
  for (const name of COLUMNS) {
    const column = body[name];
    if (!Array.isArray(column))
      issues.push({ path: name, message: 'must be an array of integers' });
    else if (column.length !== length) {
      issues.push({
        path: name,
        message: `has ${column.length} entries where check has ${length}`,
      });
    } else checkColumn(name, column, issues);
    columns[name] = column as number[];
  }
  if (length > MAX_RESULTS) {
    issues.push({
      path: 'check',
      message: `has ${length} entries; at most ${MAX_RESULTS} are taken`,
    });
  }
  const reasons = checkReasons(body.reasons, issues);
  const more = checkMore(body.more, length, issues);
  if (issues.length > 0) return { ok: false, issues: issues.slice(0, 10) };

  const results: Result[] = [];
  for (let i = 0; i < length; i++) {
    const pick = (name: (typeof COLUMNS)[number]) => columns[name][i] as number;
    const [code, text] = reasons[pick('reason')] ?? ['ok', ''];
    if (pick('reason') >= reasons.length) {
      issues.push({
        path: `reason[${i}]`,
        message: `names entry ${pick('reason')} of ${reasons.length}`,
      });
    }
    if (i > 0 && pick('at') < (columns.at[i - 1] as number)) {
      issues.push({ path: `at[${i}]`, message: 'is earlier than the one before it' });
    }
    const level = pick('level');
    if (level > 0 && level < 100) {
      issues.push({ path: `level[${i}]`, message: `is ${level}; it must be ${LIMITS.level[2]}` });
    }
    const result: Result = {
      checkId: pick('check'),
      rev: pick('rev'),
      at: envelope.base + pick('at'),
      level: level === 0 ? null : level,
      rttUs: pick('rttUs') < 0 ? null : pick('rttUs'),
      code,
      text,
      ...more[i],
    };
    if (pick('flags') !== 0) Object.assign(result, flagged(pick('flags')));
    results.push(result);
  }
  if (issues.length > 0) return { ok: false, issues: issues.slice(0, 10) };
  return { ok: true, results };
}

function checkColumn(
  name: (typeof COLUMNS)[number],
  column: unknown[],
  issues: ColumnIssue[],
): void {
  const [min, max, what] = LIMITS[name];
  for (let i = 0; i < column.length && issues.length < 10; i++) {
    const value = column[i];
    if (!Number.isInteger(value) || (value as number) < min || (value as number) > max) {
      const shown = typeof value === 'number' ? value : typeof value;
      issues.push({ path: `${name}[${i}]`, message: `is ${shown}; it must be ${what}` });
    }
  }
}

function checkReasons(value: unknown, issues: ColumnIssue[]): Array<[string, string]> {
  if (!Array.isArray(value)) {
    issues.push({ path: 'reasons', message: 'must be an array of [code, text]' });
    return [];
  }
  if (value.length > MAX_RESULTS) issues.push({ path: 'reasons', message: 'has too many entries' });
  for (let i = 0; i < value.length && issues.length < 10; i++) {
    const pair: unknown = value[i];
    const good =
      Array.isArray(pair) &&
      pair.length === 2 &&
      typeof pair[0] === 'string' &&
      /^[a-z0-9_.]{1,64}$/.test(pair[0]) &&
      typeof pair[1] === 'string' &&
      pair[1].length <= MAX_TEXT;
    if (!good) {
      issues.push({
        path: `reasons[${i}]`,
        message: `must be [code, text of ≤ ${MAX_TEXT} characters]`,
      });
    }
  }
  return value as Array<[string, string]>;
}

const moreSchema = z.object({
  phases: z.record(z.string().max(20), z.int().min(0)).optional(),
  metrics: z
    .array(
      z.object({
        name: z.string().max(100),
        value: z.number(),
        unit: z.string().max(20).optional(),
      }),
    )
    .max(50)
    .optional(),
  detail: z.string().max(4096).optional(),
});

type More = Pick<Reading, 'phases' | 'metrics' | 'detail'>;

function checkMore(value: unknown, length: number, issues: ColumnIssue[]): Record<number, More> {
  if (value === undefined) return {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    issues.push({ path: 'more', message: 'must be an object by index' });
    return {};
  }
  const more: Record<number, More> = {};
  for (const [key, entry] of Object.entries(value)) {
    const index = Number(key);
    if (!/^\d{1,3}$/.test(key) || index >= length) {
      issues.push({ path: `more.${key.slice(0, 20)}`, message: 'is not the index of a result' });
      continue;
    }
    const parsed = moreSchema.safeParse(entry);
    if (parsed.success) more[index] = parsed.data as More;
    else {
      const [first] = parsed.error.issues;
      issues.push({
        path: ['more', key, ...(first?.path ?? [])].join('.'),
        message: first?.message ?? 'is wrong',
      });
    }
    if (issues.length >= 10) break;
  }
  return more;
}

/** The answer to a post. */
export const resultsAnswerSchema = z.object({
  /** The sequence number the worker now holds for this stream. */
  seq: z.int(),
  configVersion: z.int(),
  now: z.int(),
  flushMs: z.int().min(100),
  /** Results not counted: unknown or unassigned checks, the far future. */
  dropped: z.int().min(0),
  /** There is an instant channel to connect to (docs/protocol.md). */
  channel: z.boolean().optional(),
  /** What a newer worker asks in words unknown here is passed over. */
  asks: z.array(z.unknown()).transform((asks) => asks.flatMap(knownAsk)),
});

function knownAsk(ask: unknown): Ask[] {
  const { success, data } = askSchema.safeParse(ask);
  return success ? [data] : [];
}

export type ResultsAnswer = z.output<typeof resultsAnswerSchema>;
