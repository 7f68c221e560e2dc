// History against what was told: late results may show that an incident began earlier, ended otherwise, or was never
// noticed. What was told stays as it is; what was found is put beside it. Nobody is told anything by this.
import type { KnownStatus } from '../level.ts';
import type { Run } from './mergeMarks.ts';

/** From the first known status that is not up to the next known up, through any unknown. */
export interface BadSpan {
  startAt: number;
  /** Null = it is open at the end of what is looked at. */
  endAt: number | null;
  /** Up to when it is known to have been bad; unknown may follow. */
  badUntilAt: number;
  worst: KnownStatus;
}

/** An incident as it was told, with what history made of it so far. */
export interface ToldIncident {
  openedAt: number;
  closedAt: number | null;
  beganAt: number | null;
  endedAt: number | null;
  /** History added it: nobody was told. */
  found: boolean;
}

export interface Findings {
  /** Closed incidents nobody noticed. */
  add: Array<{ openedAt: number; closedAt: number; worst: KnownStatus }>;
  /** Told incidents that began or ended otherwise; null = as told. */
  adjust: Array<{ openedAt: number; beganAt: number | null; endedAt: number | null }>;
  /** Added before, and not so after all. */
  remove: number[];
}

/** The bad spans of an hour; `openSince` is the one that was open when it began. */
export function badSpans(
  merged: readonly Run[],
  openSince: number | null,
  endAt: number,
): BadSpan[] {
  const spans: BadSpan[] = [];
  let open: BadSpan | null =
    openSince === null
      ? null
      : { startAt: openSince, endAt: null, badUntilAt: openSince, worst: 'degraded' };
  for (const [index, { fromAt, status }] of merged.entries()) {
    if (status === 'unknown') continue;
    if (status === 'up') {
      if (open !== null) spans.push({ ...open, endAt: fromAt });
      open = null;
      continue;
    }
    open ??= { startAt: fromAt, endAt: null, badUntilAt: fromAt, worst: status };
    open.badUntilAt = merged[index + 1]?.fromAt ?? endAt;
    if (status === 'down') open.worst = 'down';
  }
  if (open !== null) spans.push(open);
  return spans;
}

/** Compares the bad spans that touch [fromAt, toAt) with the incidents that do; those of the hour before are known too. */
export function reconcile(
  spans: readonly BadSpan[],
  incidents: readonly ToldIncident[],
  fromAt: number,
  toAt: number,
): Findings {
  const findings: Findings = { add: [], adjust: [], remove: [] };
  const told = incidents
    .filter((each) => !each.found && endsBy(each) >= fromAt)
    .sort((a, b) => a.openedAt - b.openedAt);
  const taken = new Set<ToldIncident>();
  for (const span of spans) {
    const met = told.filter((each) => !taken.has(each) && meets(span, each));
    if (met.length === 0 && span.startAt < fromAt) met.push(...lastOf(span, incidents));
    for (const each of met) taken.add(each);
    const [first] = met;
    if (!first) {
      const { startAt, endAt, worst } = span;
      // One that is open lasts until it is told to be over, whatever lies between.
      const covered = [...taken].some(({ closedAt }) => closedAt === null);
      if (endAt !== null && endAt > startAt && !covered) {
        findings.add.push({ openedAt: startAt, closedAt: endAt, worst });
      }
      continue;
    }
    for (const [index, incident] of met.entries()) {
      const next = met[index + 1];
      adjust(findings, incident, {
        beganAt:
          incident === first ? startOf(span, incident, incidents, fromAt) : incident.openedAt,
        endedAt: next ? next.openedAt : endOf(span, incident, fromAt, toAt),
      });
    }
  }
  for (const incident of told) {
    // What an hour before has found of it stays.
    if (taken.has(incident) || beganOf(incident) < fromAt) continue;
    const { openedAt, closedAt, endedAt } = incident;
    if (closedAt !== null && closedAt <= toAt) {
      adjust(findings, incident, { beganAt: openedAt, endedAt: openedAt });
    } else if (endedAt === null || endedAt > toAt) {
      // It can only have begun later, which is for the next hour to find.
      const beganAt = Math.max(toAt, beganOf(incident));
      adjust(findings, incident, { beganAt, endedAt: endedAt ?? closedAt });
    }
  }
  return { ...findings, ...settleFound(findings.add, incidents, fromAt, toAt) };
}

function meets({ startAt, endAt }: BadSpan, { openedAt, closedAt }: ToldIncident): boolean {
  return (
    openedAt <= (endAt ?? Number.MAX_SAFE_INTEGER) &&
    (closedAt ?? Number.MAX_SAFE_INTEGER) >= startAt
  );
}

/** Bad time that was open when this time began may have been told of, and to be over, in the hour before. */
function lastOf(span: BadSpan, incidents: readonly ToldIncident[]): ToldIncident[] {
  return incidents
    .filter((each) => !each.found && meets(span, each))
    .sort((a, b) => a.openedAt - b.openedAt)
    .slice(-1);
}

function beganOf({ beganAt, openedAt }: ToldIncident): number {
  return beganAt ?? openedAt;
}

/** Infinity = not yet. */
function endsBy({ closedAt, endedAt }: ToldIncident): number {
  return endedAt ?? closedAt ?? Number.POSITIVE_INFINITY;
}

/**
 * When it began: what lies before this hour, the hours before have found. It may have been bad twice with good time between, or told
 * of twice in one bad time: then the second begins where the first ends.
 */
function startOf(
  { startAt }: BadSpan,
  incident: ToldIncident,
  incidents: readonly ToldIncident[],
  fromAt: number,
): number {
  const held = beganOf(incident);
  if (held < fromAt) return held;
  const ends = incidents.map(endsBy).filter((endAt) => endAt > startAt && endAt < fromAt);
  return Math.max(startAt, ...ends);
}

/**
 * When it ended; as told while it is open, and where only unknown lies between what was told and what was found. Bad time that
 * goes on over the end of the hour lasts until then at least: `endedAt` there says so to the next hour, which knows more.
 */
function endOf(
  { endAt, badUntilAt }: BadSpan,
  { closedAt, endedAt }: ToldIncident,
  fromAt: number,
  toAt: number,
): number | null {
  if (closedAt === null) return null;
  const told = endedAt === fromAt ? fromAt : closedAt;
  if (endAt !== null) return told >= badUntilAt && told <= endAt ? told : endAt;
  const held = endedAt ?? closedAt;
  if (held > toAt) return held;
  return told >= badUntilAt ? told : toAt;
}

function adjust(
  findings: Findings,
  { openedAt, closedAt, beganAt, endedAt }: ToldIncident,
  is: { beganAt: number; endedAt: number | null },
): void {
  const began = is.beganAt === openedAt ? null : is.beganAt;
  const ended = is.endedAt === closedAt ? null : is.endedAt;
  if (began !== beganAt || ended !== endedAt) {
    findings.adjust.push({ openedAt, beganAt: began, endedAt: ended });
  }
}

/** What was added before for spans that ended in this time, against what would be added now. */
function settleFound(
  add: Findings['add'],
  incidents: readonly ToldIncident[],
  fromAt: number,
  toAt: number,
): Pick<Findings, 'add' | 'remove'> {
  const same = (one: { openedAt: number; closedAt: number | null }, other: typeof one) =>
    one.openedAt === other.openedAt && one.closedAt === other.closedAt;
  const before = incidents.filter(
    ({ found, closedAt }) => found && closedAt !== null && closedAt > fromAt && closedAt <= toAt,
  );
  return {
    add: add.filter((each) => !before.some((held) => same(held, each))),
    remove: before
      .filter((held) => !add.some((each) => same(held, each)))
      .map(({ openedAt }) => openedAt),
  };
}
