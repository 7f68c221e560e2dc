// Takes the checks of one wake-up to their probes: a few sockets a turn of the event loop, no check twice at once,
// and what was measured gathered so that one write takes it to disk.
import { statusOf } from '#core/level.ts';
import type { Measurement } from '#core/reading.ts';
import type { AssignedCheck } from '#core/wire/assignments.ts';
import type { Evidence } from '#core/wire/evidence.ts';
import type { Result } from '#core/wire/results.ts';
import type { Due } from './agenda.ts';
import type { Clock } from './clock.ts';
import type { Wanted } from './evidence/seen.ts';
import { failed, fitted } from './measurement.ts';
import type { RunnerPlatform } from './platform.ts';
import type { Probed } from './probe.ts';

/** Probes begun in one turn of the event loop. */
const GROUP = 8;
/** Readings that come in within this are written together. */
const GATHER_MS = 200;
/** A probe that has not answered this long after its own time limit is given up. */
const OVERDUE_MS = 5000;

/** A result with what the runner needs to go on from it. */
export interface Taken {
  check: AssignedCheck;
  result: Result;
  /** What was seen, if the reading is of the sort that it was wanted of. */
  evidence?: Evidence | undefined;
}

/** A probe under way. */
interface Probing extends Due {
  /** What its reading carries. */
  at: number;
  era: number;
  /** By the monotonic clock: it is given up then. */
  overdueMs: number;
}

interface Given {
  platform: RunnerPlatform;
  clock: Clock;
  probesFolder: string | null;
  /** What was measured since the last call. */
  taken: (readings: Taken[]) => void;
  /** Of which sort of reading evidence is wanted; undefined = of none. */
  wanted: (checkId: number) => Wanted | undefined;
}

export class Prober {
  readonly #given: Given;
  /** By id of the check. */
  readonly #running = new Map<number, Probing>();
  #waiting: Array<{ due: Due; at: number }> = [];
  #turning = false;
  #taken: Taken[] = [];
  #gathering = false;
  #cancelGather: (() => void) | null = null;
  #watch: { untilMs: number; cancel: () => void } | null = null;
  #stopped = false;
  /** Probes left out because the one before still ran. */
  skipped = 0;

  constructor(given: Given) {
    this.#given = given;
  }

  /** Something is being measured, or about to be. */
  get isBusy(): boolean {
    return this.#turning || this.#running.size > 0;
  }

  /** Probes what is due; every reading carries `at`. */
  run(due: readonly Due[], at: number): void {
    for (const one of due) this.#waiting.push({ due: one, at });
    if (!this.#turning) this.#turn();
  }

  /** Starts nothing more and hands over what is measured so far. */
  stop(): void {
    this.#stopped = true;
    this.#waiting = [];
    this.#handOver();
  }

  #turn(): void {
    for (const { due, at } of this.#waiting.splice(0, GROUP)) this.#begin(due, at);
    this.#turning = this.#waiting.length > 0;
    if (this.#turning) this.#given.platform.nextTurn(() => this.#turn());
  }

  #begin({ check, extra, asked }: Due, at: number): void {
    const running = this.#running.get(check.id);
    if (running) {
      // What is under way answers what was asked meanwhile.
      running.asked ||= asked;
      if (!asked) this.skipped++;
      return;
    }
    const { platform, clock, probesFolder, wanted } = this.#given;
    const overdueMs = platform.monotonicMs() + check.timeoutMs + OVERDUE_MS;
    const probing: Probing = { check, extra, asked, at, era: clock.era, overdueMs };
    this.#running.set(check.id, probing);
    this.#watchUntil(overdueMs);
    const context = { timeoutMs: check.timeoutMs, probesFolder, evidence: wanted(check.id) };
    const broken = (error: unknown) => this.#finish(probing, this.#broken(check, error));
    try {
      platform
        .probe(check.config, context)
        .then((probed) => this.#finish(probing, told(probed), probed.evidence))
        .catch(broken);
    } catch (error) {
      broken(error);
    }
  }

  #broken({ id, config }: AssignedCheck, error: unknown): Measurement {
    const { message, stack } = error as Error;
    this.#given.platform.log('error', `the ${config.kind} probe of check ${id} threw: ${stack}`);
    return failed(`the probe failed: ${message}`);
  }

  #finish(probing: Probing, measurement: Measurement, evidence?: Evidence): void {
    const { check, extra, asked, at, era } = probing;
    if (this.#running.get(check.id) !== probing) return;
    this.#running.delete(check.id);
    const { clock } = this.#given;
    clock.look();
    const result: Result = { ...measurement, checkId: check.id, rev: check.rev, at };
    if (extra) result.extra = true;
    if (asked) result.asked = true;
    if (clock.era !== era || clock.inDoubt) result.blind = true;
    this.#take({ check, result, evidence });
  }

  /** One timer for all: hardly a probe is ever late. */
  #watchUntil(ms: number): void {
    if (this.#watch !== null && this.#watch.untilMs <= ms) return;
    this.#watch?.cancel();
    const { platform } = this.#given;
    const cancel = platform.setTimer(ms - platform.monotonicMs(), () => this.#giveUp());
    this.#watch = { untilMs: ms, cancel };
  }

  #giveUp(): void {
    this.#watch = null;
    const now = this.#given.platform.monotonicMs();
    for (const probing of this.#running.values()) {
      const { overdueMs, check } = probing;
      if (overdueMs > now) this.#watchUntil(overdueMs);
      else {
        const text = `the probe did not answer within its time limit of ${check.timeoutMs} ms`;
        this.#finish(probing, failed(text));
      }
    }
  }

  #take(one: Taken): void {
    if (this.#stopped) return;
    this.#taken.push(one);
    // With nobody left to wait for, waiting would only cost a wake-up.
    if (!this.isBusy) this.#handOver();
    else this.#gather();
  }

  /**
   * Hands over in a while, unless nobody is left to wait for when this turn of the event loop ends: a timer wakes
   * the runner even when it was cancelled long ago (Node leaves it armed).
   */
  #gather(): void {
    if (this.#gathering || this.#cancelGather !== null) return;
    const { nextTurn, setTimer } = this.#given.platform;
    this.#gathering = true;
    nextTurn(() => {
      this.#gathering = false;
      if (this.#taken.length === 0) return;
      this.#cancelGather ??= setTimer(GATHER_MS, () => this.#handOver());
    });
  }

  #handOver(): void {
    this.#cancelGather?.();
    this.#cancelGather = null;
    const readings = this.#taken;
    this.#taken = [];
    if (readings.length > 0) this.#given.taken(readings);
  }
}

/** Within the wire's limits. What went well is told in full only to who tries the check: the words would be most of what a runner posts. */
function told(probed: Probed): Measurement {
  const measurement = fitted(probed);
  if (measurement.detail !== undefined && statusOf(measurement.level) === 'up') {
    delete measurement.detail;
  }
  return measurement;
}
