// From a snapshot to what follows: pure but for what it is given. One pass over the checks of a shard.
import { assignedLocations, isAssigned, isWorkerItself } from '#core/assign.ts';
import { isSilent, silentAfterMs } from '#core/fleet.ts';
import { locationView } from '#core/locationView.ts';
import { maintenanceOf } from '#core/maintenance.ts';
import { type LocationView, merge, type Verdict } from '#core/merge.ts';
import { type Hearing, hearing } from '#core/pulse.ts';
import { reportVerdict, silentHostAfterMs } from '#core/report.ts';
import { DISPUTED_AFTER_MS, isOlderNews, pause, type StateEvent, step } from '#core/state.ts';
import { isFresh } from '#core/view.ts';
import type { Configuration, PlannedCheck } from '#db/plan.ts';
import { freshState, type HeldState, type States } from '#db/states.ts';
import type { ViewRecord } from '#db/views.ts';
import type { Snapshot } from './snapshot.ts';

/** One check that came out differently than it was held. */
export interface Change {
  check: PlannedCheck;
  before: HeldState;
  after: HeldState;
  verdict: Verdict;
  events: StateEvent[];
}

export interface Decision {
  /** When it was taken. */
  at: number;
  states: States;
  changes: Change[];
  /** Checks that are gone while their incident was open. */
  orphans: Array<{ checkId: number; openedAt: number }>;
  /** When time alone could next change a verdict. */
  dueAt: number;
}

export interface DecideInput {
  snapshot: Snapshot;
  configuration: Configuration;
  flushMs: number;
  now: number;
  /** Only these checks; null = all of the shard. */
  only: ReadonlySet<number> | null;
}

export function decide({ snapshot, configuration, flushMs, now, only }: DecideInput): Decision {
  const heard = hearing(snapshot.pulse, now);
  const states: States = new Map(snapshot.states);
  const changes: Change[] = [];
  const due = new Due(now, only === null ? Number.MAX_SAFE_INTEGER : snapshot.dueAt);
  if (heard.deaf) due.at(Math.max(snapshot.pulse.graceUntilAt, now + 1));
  for (const check of configuration.plan.byId.values()) {
    if (only !== null && !only.has(check.checkId)) continue;
    const before = states.get(check.checkId) ?? freshState(check.checkId);
    if (check.paused) {
      const paused = pause(before, now);
      if (paused.events.length === 0) continue;
      const after: HeldState = { ...before, ...paused.state, rule: 'paused', code: '', text: '' };
      states.set(check.checkId, after);
      changes.push({ check, before, after, verdict: pausedVerdict, events: paused.events });
      continue;
    }
    const beliefs = { flushMs, heard, quarantined: snapshot.quarantined };
    const reports = reportOf(check, snapshot.views, configuration, beliefs);
    const locations = reports ? [] : locationViews(check, snapshot.views, configuration, beliefs);
    const verdict = reports ? reports.verdict : mergedVerdict(check, locations, heard);
    const planned = maintenanceOf(configuration.fleet.maintenances, check.hostId, now);
    const { state, events } = step(before, verdict, now, planned !== null);
    // What the newest reading of those says changes no vote, so nobody would look.
    if (isOlderNews(before, verdict)) due.at(now + 1);
    // What differs from what was told is owed when the work is over.
    if (planned !== null && state.lastTold !== state.status) due.at(planned.untilAt);
    if (reports) due.at(reports.dueAt);
    due.ofCheck(locations, state.loneSinceAt, state.disputed, heard.judgedAt);
    const { rule, code, text } = verdict;
    const after: HeldState = { ...before, ...state, rule, code, text };
    states.set(check.checkId, after);
    changes.push({ check, before, after, verdict, events });
  }
  for (const view of snapshot.views.filter(({ runnerId }) => !isWorkerItself(runnerId)))
    due.at(view.postedAt + silentAfterMs(flushMs) + 1);
  return { at: now, states, changes, orphans: dropGone(states, configuration), dueAt: due.time };
}

const pausedVerdict: Verdict = {
  status: 'unknown',
  level: null,
  rttUs: null,
  rule: 'no_location',
  sinceAt: null,
  locations: [],
  witnesses: [],
  lone: null,
  code: '',
  text: '',
};

/** What is true of a check at a moment, from the views of its runners. */
export function verdictOf(
  check: PlannedCheck,
  records: readonly ViewRecord[],
  configuration: Pick<Configuration, 'fleet'>,
  beliefs: Beliefs,
): Verdict {
  const reports = reportOf(check, records, configuration, beliefs);
  if (reports) return reports.verdict;
  return mergedVerdict(check, locationViews(check, records, configuration, beliefs), beliefs.heard);
}

function mergedVerdict(
  { policy, intervalMs }: PlannedCheck,
  locations: LocationView[],
  heard: Hearing,
): Verdict {
  return merge({ policy, locations, intervalMs, now: heard.judgedAt });
}

/** Of a check whose runner must report: the verdict over its posts. Null = another sort of check. */
function reportOf(
  check: PlannedCheck,
  records: readonly ViewRecord[],
  { fleet }: Pick<Configuration, 'fleet'>,
  { heard, flushMs }: Beliefs,
): { verdict: Verdict; dueAt: number } | null {
  const { mustReportMs, intervalMs } = check;
  if (mustReportMs === null) return null;
  const runner = fleet.runners.find(
    (each) => each.id === check.runnerId && isAssigned(check, each, fleet.locations),
  );
  if (!runner) return { verdict: pausedVerdict, dueAt: 0 };
  const reportedAt = records.find(({ runnerId }) => runnerId === runner.id)?.postedAt ?? 0;
  const aliveTimeoutMs = silentHostAfterMs({ mustReportMs, intervalMs, flushMs });
  const verdict = reportVerdict({ reportedAt, aliveTimeoutMs, heard, from: runner.name });
  return { verdict, dueAt: reportedAt + aliveTimeoutMs + 1 };
}

/** By what it is judged who speaks and who is believed. */
export interface Beliefs {
  flushMs: number;
  heard: Hearing;
  quarantined: ReadonlySet<number>;
}

/** What each assigned location says, from the views of its runners. */
export function locationViews(
  check: PlannedCheck,
  records: readonly ViewRecord[],
  { fleet }: Pick<Configuration, 'fleet'>,
  { flushMs, heard, quarantined }: Beliefs,
): LocationView[] {
  return assignedLocations(check, fleet.locations, fleet.runners).map((locationId) => {
    const views = fleet.runners
      .filter((runner) => runner.locationId === locationId)
      .filter((runner) => isAssigned(check, runner, fleet.locations))
      .map(({ id }) => {
        const record = records.find(({ runnerId }) => runnerId === id);
        const view = record?.row?.get(check.position) ?? null;
        return {
          view: view?.rev === check.rev ? view : null,
          quarantined: quarantined.has(id),
          silent:
            !isWorkerItself(id) &&
            record !== undefined &&
            isSilent(record.postedAt, heard.judgedAt, flushMs),
        };
      });
    return locationView(locationId, views, heard.judgedAt);
  });
}

/** The earliest moment at which time alone could change a verdict. */
class Due {
  readonly #now: number;
  time: number;

  /** A deadline that has passed stands until all checks are judged again: those judged now may not be whom it was for. */
  constructor(now: number, time: number) {
    this.#now = now;
    this.time = time;
  }

  at(time: number): void {
    if (time > this.#now && time < this.time) this.time = time;
  }

  ofCheck(
    locations: readonly LocationView[],
    loneSinceAt: number | null,
    disputed: boolean,
    judgedAt: number,
  ): void {
    for (const { view, contested } of locations) {
      if (contested) this.at(this.#now + 1);
      if (view === null || view.level === null) continue;
      if (isFresh(view, judgedAt)) this.at(view.at + view.freshForMs + 1);
    }
    if (loneSinceAt !== null && !disputed) this.at(loneSinceAt + DISPUTED_AFTER_MS + 1);
  }
}

/** Forgets checks that are no longer planned and names the incidents they leave open. */
function dropGone(states: States, { plan }: Configuration): Decision['orphans'] {
  const orphans: Decision['orphans'] = [];
  for (const [checkId, { incident }] of states) {
    if (plan.byId.has(checkId)) continue;
    states.delete(checkId);
    if (incident) orphans.push({ checkId, openedAt: incident.openedAt });
  }
  return orphans;
}
