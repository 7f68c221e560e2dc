// The one scale (Wigo's): 100 OK · 101-199 info · 200-299 warning · 300-499 critical · 500-998 error · 999 silent.

/** A severity from 100 (OK) to 999 (silent). */
export type Level = number;

/** What a level means to a reader; `unknown` is "nobody can tell" and has no level. */
export type Status = 'up' | 'degraded' | 'down' | 'unknown';

/** A status somebody actually saw. */
export type KnownStatus = Exclude<Status, 'unknown'>;

export const OK: Level = 100;
/** Up, with something worth knowing. */
export const INFO: Level = 150;
export const WARNING: Level = 250;
export const CRITICAL: Level = 400;
export const ERROR: Level = 500;
export const SILENT: Level = 999;

const RANKS: Record<KnownStatus, number> = { up: 0, degraded: 1, down: 2 };
const BY_RANK = ['up', 'degraded', 'down'] as const;

export function isLevel(value: unknown): value is Level {
  return Number.isInteger(value) && (value as number) >= 100 && (value as number) <= 999;
}

/** The status of a level; null (nobody can tell) is `unknown`. */
export function statusOf(level: Level): KnownStatus;
export function statusOf(level: Level | null): Status;
export function statusOf(level: Level | null): Status {
  if (level === null) return 'unknown';
  if (level < 200) return 'up';
  return level < 300 ? 'degraded' : 'down';
}

/** 0 up, 1 degraded, 2 down: lower is better. */
export function rankOf(status: KnownStatus): number {
  return RANKS[status];
}

export function statusOfRank(rank: number): KnownStatus {
  return BY_RANK[Math.max(0, Math.min(2, rank))] as KnownStatus;
}

/** The field's word for a level, as Wigo shows it. */
export function levelWord(
  level: Level,
): 'ok' | 'info' | 'warning' | 'critical' | 'error' | 'silent' {
  if (level <= 100) return 'ok';
  if (level < 200) return 'info';
  if (level < 300) return 'warning';
  if (level < 500) return 'critical';
  return level < 999 ? 'error' : 'silent';
}

/** A host is its worst *known* check, a group its worst host: null entries are not known and do not count. */
export function worstLevel(levels: Iterable<Level | null>): Level | null {
  let worst: Level | null = null;
  for (const level of levels)
    if (level !== null && (worst === null || level > worst)) worst = level;
  return worst;
}

/** Vigil's words onto the scale. */
export const VIGIL_LEVEL = { healthy: OK, sick: WARNING, dead: ERROR } as const;

/** A Nagios plugin's exit code onto the scale; 3 (UNKNOWN) is null: the runner could not measure. */
export function levelOfNagios(exitCode: number): Level | null {
  if (exitCode === 0) return OK;
  if (exitCode === 1) return WARNING;
  if (exitCode === 2) return ERROR;
  if (exitCode === 3) return null;
  return ERROR;
}

/** A Vigil script's exit code: 0 healthy, 1 sick, anything else dead. */
export function levelOfVigilExit(exitCode: number): Level {
  if (exitCode === 0) return OK;
  return exitCode === 1 ? WARNING : ERROR;
}
