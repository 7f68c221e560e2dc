import type { write } from '#db/write.ts';
import type { Problem } from '#worker/problem.ts';

/** What a way of joining writes, and how it is refused when nothing was stored after all. */
export interface Joining {
  /** None: the runner is known, and stays as it is. */
  statements: Parameters<typeof write>[1];
  refusal: Problem;
}
