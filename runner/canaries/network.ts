import { checkSpecSchema, isOwnMachine } from '#core/checks/index.ts';
import type { AssignedCheck } from '#core/wire/assignments.ts';

const known = new WeakMap<object, boolean>();

/** Whether what a check sees hangs on the network of this runner: not where it looks at this very machine. */
export function hangsOnNetwork({ config }: Pick<AssignedCheck, 'config'>): boolean {
  const before = known.get(config);
  if (before !== undefined) return before;
  const parsed = checkSpecSchema.safeParse(config);
  const hangs = !parsed.success || !isOwnMachine(parsed.data);
  known.set(config, hangs);
  return hangs;
}
