// What this runner itself holds of its checks, folded as the worker folds. Only used to choose when to look again and
// when to post early; what counts is what the worker makes of the same readings.
import { rankOf, type Status, statusOf } from '#core/level.ts';
import { contradicts, fold, newView, type View } from '#core/view.ts';
import type { AssignedCheck } from '#core/wire/assignments.ts';
import type { Result } from '#core/wire/results.ts';

/** What a reading asks for. */
export interface Consequence {
  /** It contradicts what is held, and is not confirmed yet: look again soon. */
  again: boolean;
  /** The first to contradict, or the one that changed the status: tell the worker soon. */
  tell: boolean;
  /** What is held of the check now. */
  status: Status;
}

export class Views {
  readonly #views = new Map<number, View>();

  take(check: AssignedCheck, result: Result, flushMs: number): Consequence {
    const known = this.#views.get(check.id) ?? null;
    const { rev, intervalMs, timeoutMs } = check;
    const before = known?.rev === rev ? known : newView(rev);
    const after = fold(before, result, check, { intervalMs, timeoutMs, flushMs });
    this.#views.set(check.id, after);
    const again = contradicts(after, result);
    const first = again && after.run?.count === 1;
    const status = statusOf(after.level);
    return { again, tell: first || statusOf(before.level) !== status, status };
  }

  /** Whether the reading says worse than what is held. */
  isWorse(check: AssignedCheck, { level }: Result): boolean {
    if (level === null) return false;
    const held = this.#views.get(check.id);
    const heldLevel = held?.rev === check.rev ? held.level : null;
    return rankOf(statusOf(level)) > (heldLevel === null ? 0 : rankOf(statusOf(heldLevel)));
  }

  /** Forgets all but these checks. */
  keep(ids: ReadonlySet<number>): void {
    for (const id of this.#views.keys()) if (!ids.has(id)) this.#views.delete(id);
  }

  /** Time jumped: nothing held so far can be compared with what comes. */
  clear(): void {
    this.#views.clear();
  }
}
