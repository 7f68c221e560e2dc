// When which check is due: one timer over slots on the fixed grid. Checks of one slot share a wake-up; a full slot
// comes in parts, so that the last of it is not late; a slot missed by too much is skipped, so nothing ever piles
// up; whatever the configuration does, the grid stays.
import { weightOf } from '#core/checks/index.ts';
import { partMs, partsOf, slotMs } from '#core/schedule.ts';
import { nextDueAt } from '#core/timetable.ts';
import type { AssignedCheck } from '#core/wire/assignments.ts';
import type { Clock } from './clock.ts';
import { Lateness } from './lateness.ts';
import type { RunnerPlatform } from './platform.ts';

/** A slot more than this late (or half an interval) is left out. */
const MAX_LATE_MS = 2000;
/** Looks at the clock at least this often, to notice a suspend and to follow its slewing. */
const LOOK_EVERY_MS = 5000;
/** Re-probes and first probes are due at multiples of this, to share wake-ups. */
const EXTRA_GRID_MS = 50;
/** New and changed checks are first probed this far apart, without waiting for their slots. */
const FIRST_APART_MS = 20;

/** A check that is due. `extra`: outside its grid. `asked`: because another location saw it turn. */
export interface Due {
  check: AssignedCheck;
  extra: boolean;
  asked: boolean;
}

interface Plan {
  check: AssignedCheck;
  /** Its next place on the grid. */
  slotAt: number;
  /** An early probe before that; null = none. */
  extraAt: number | null;
  /** What is probed next was asked for. */
  asked: boolean;
}

/** A check that is due in a slot. */
interface InSlot {
  one: Due;
  slotAt: number;
}

/** The later part of a slot, taken out of the plan already. */
interface Part {
  at: number;
  due: Due[];
}

type Given = Pick<RunnerPlatform, 'setTimer'> & {
  clock: Clock;
  /** The checks of one wake-up; `at` is the time all their readings carry. */
  wake: (due: Due[], at: number) => void;
  /** It woke up and nothing was due. */
  idle?: () => void;
};

export class Agenda {
  readonly #given: Given;
  readonly #plans = new Map<number, Plan>();
  /** Ids by due time. Entries go stale when a plan changes and are passed over then. */
  readonly #buckets = new Map<number, number[]>();
  #parts: Part[] = [];
  #cancel: (() => void) | null = null;
  #armedAt = Number.POSITIVE_INFINITY;
  #running = false;
  /** Slots left out for being late. */
  skipped = 0;
  readonly lateness = new Lateness();

  constructor(given: Given) {
    this.#given = given;
    given.clock.onJump(() => this.#replan());
  }

  start(): void {
    this.#running = true;
    this.#arm();
  }

  /** In how many ms it wakes up. */
  get nextWakeMs(): number {
    return Math.max(0, this.#armedAt - this.#given.clock.now());
  }

  stop(): void {
    this.#running = false;
    this.#cancel?.();
    this.#cancel = null;
  }

  /** Takes over what is to be probed now. Known checks keep their places; new and changed ones are probed soon as well. */
  assign(checks: readonly AssignedCheck[]): void {
    const now = this.#given.clock.now();
    const wanted = new Set(checks.map(({ id }) => id));
    for (const id of this.#plans.keys()) if (!wanted.has(id)) this.#plans.delete(id);
    let fresh = 0;
    const placed = checks.map((check) => {
      const plan = this.#plans.get(check.id);
      const slotAt = plan && isSameGrid(plan.check, check) ? plan.slotAt : nextDueAt(check, now);
      return { check, plan, slotAt };
    });
    // What is made at the first probe of a check lies in memory beside that of those it will be probed with.
    for (const { check, plan, slotAt } of placed.sort((a, b) => a.slotAt - b.slotAt)) {
      let extraAt = plan?.extraAt ?? null;
      if (plan?.check.rev !== check.rev) extraAt = extraGrid(now + fresh++ * FIRST_APART_MS);
      this.#put(check, slotAt, extraAt, plan);
    }
    this.#arm();
  }

  /** Probes a check once more after `afterMs`, unless its slot comes first. */
  probeAfter(checkId: number, afterMs: number, { asked = false } = {}): void {
    const plan = this.#plans.get(checkId);
    if (!plan) return;
    plan.asked ||= asked;
    const extraAt = extraGrid(this.#given.clock.now() + afterMs);
    if (plan.extraAt !== null && plan.extraAt <= extraAt) return;
    this.#put(plan.check, plan.slotAt, extraAt, plan);
    this.#arm();
  }

  #put(check: AssignedCheck, slotAt: number, extraAt: number | null, before?: Plan): void {
    const extra = extraAt !== null && extraAt < slotAt ? extraAt : null;
    if (before?.slotAt !== slotAt) this.#enter(slotAt, check.id);
    if (extra !== null && before?.extraAt !== extra) this.#enter(extra, check.id);
    if (!before) {
      this.#plans.set(check.id, { check, slotAt, extraAt: extra, asked: false });
      return;
    }
    before.check = check;
    before.slotAt = slotAt;
    before.extraAt = extra;
  }

  #enter(at: number, id: number): void {
    const bucket = this.#buckets.get(at);
    if (bucket) bucket.push(id);
    else this.#buckets.set(at, [id]);
  }

  #arm(): void {
    if (!this.#running) return;
    let nextAt = this.#given.clock.now() + LOOK_EVERY_MS;
    for (const at of this.#buckets.keys()) if (at < nextAt) nextAt = at;
    for (const { at } of this.#parts) if (at < nextAt) nextAt = at;
    if (this.#cancel !== null && this.#armedAt <= nextAt) return;
    this.#cancel?.();
    this.#armedAt = nextAt;
    const inMs = Math.max(0, nextAt - this.#given.clock.now());
    this.#cancel = this.#given.setTimer(inMs, () => this.#wake());
  }

  #wake(): void {
    this.#cancel = null;
    const { clock } = this.#given;
    clock.look();
    // A timer may go off a fraction of a millisecond early.
    const now = Math.ceil(clock.now());
    const due = this.#takeParts(now);
    const slot: InSlot[] = [];
    for (const id of this.#takeDue(now)) {
      const slotAt = this.#plans.get(id)?.slotAt ?? 0;
      const one = this.#take(id, now);
      if (one?.extra) due.push(one);
      else if (one) slot.push({ one, slotAt });
    }
    due.push(...this.#firstOf(slot, now));
    this.#arm();
    if (due.length > 0) this.#given.wake(due, now);
    else this.#given.idle?.();
  }

  /** What of a slot is to begin now; the rest is kept for the parts that follow, each check always in the same. */
  #firstOf(slot: readonly InSlot[], now: number): Due[] {
    if (slot.length === 0) return [];
    const weights = slot.map(({ one }) => weightOf(one.check.config));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const spanMs = Math.min(...slot.map(({ one }) => slotMs(one.check.intervalMs)));
    // Several at once where the event loop was held: the last of them is the one that it is now.
    const fromAt = Math.max(...slot.map(({ slotAt }) => slotAt));
    const count = partsOf(total, spanMs);
    const parts = Array.from({ length: count }, (_, index): Part => {
      return { at: fromAt + partMs(index, count, spanMs), due: [] };
    });
    let before = 0;
    for (const [nth, { one, slotAt }] of slot.entries()) {
      const index = Math.floor((before * count) / total);
      parts[index]?.due.push(one);
      if (index === 0) this.lateness.add(now - slotAt);
      before += weights[nth] ?? 1;
    }
    this.#parts.push(...parts.slice(1));
    return parts[0]?.due ?? [];
  }

  /** The later parts of slots whose time has come; what was assigned otherwise meanwhile is left out. */
  #takeParts(now: number): Due[] {
    const come = this.#parts.filter(({ at }) => at <= now);
    if (come.length === 0) return [];
    this.#parts = this.#parts.filter(({ at }) => at > now);
    return come.flatMap(({ at, due }) => {
      const still = due.filter(({ check: { id, rev } }) => this.#plans.get(id)?.check.rev === rev);
      if (now - at > MAX_LATE_MS) {
        this.skipped += still.length;
        return [];
      }
      for (const _ of still) this.lateness.add(now - at);
      return still;
    });
  }

  /** Ids whose time has come, in the order of their times. */
  #takeDue(now: number): number[] {
    const times = [...this.#buckets.keys()].filter((at) => at <= now).sort((a, b) => a - b);
    return times.flatMap((at) => {
      const ids = this.#buckets.get(at) ?? [];
      this.#buckets.delete(at);
      return ids;
    });
  }

  /** Moves the plan on; null when the entry was stale or the slot is missed. */
  #take(id: number, now: number): Due | null {
    const plan = this.#plans.get(id);
    if (!plan) return null;
    const { check, slotAt, extraAt, asked } = plan;
    if (slotAt <= now) {
      const lateMs = now - slotAt;
      const nextAt = nextDueAt(check, now);
      plan.asked = false;
      this.#put(check, nextAt, null, plan);
      if (lateMs <= Math.min(MAX_LATE_MS, check.intervalMs / 2)) {
        return { check, extra: false, asked };
      }
      this.skipped += Math.max(1, Math.round((nextAt - slotAt) / check.intervalMs));
      return null;
    }
    if (extraAt === null || extraAt > now) return null;
    plan.asked = false;
    this.#put(check, slotAt, null, plan);
    return { check, extra: true, asked };
  }

  /** After the clock jumped: the same grid, seen from the new time. */
  #replan(): void {
    const now = this.#given.clock.now();
    this.#buckets.clear();
    this.#parts = [];
    this.#cancel?.();
    this.#cancel = null;
    for (const { check } of this.#plans.values()) {
      this.#put(check, nextDueAt(check, now), null);
    }
    this.#arm();
  }
}

function isSameGrid(one: AssignedCheck, other: AssignedCheck): boolean {
  return (
    one.shard === other.shard &&
    one.position === other.position &&
    one.intervalMs === other.intervalMs &&
    one.schedule?.cron === other.schedule?.cron &&
    one.schedule?.zone === other.schedule?.zone
  );
}

function extraGrid(at: number): number {
  return Math.ceil(at / EXTRA_GRID_MS) * EXTRA_GRID_MS;
}
