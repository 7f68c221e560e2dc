import type { Actor } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';

const RANK: Record<Actor['role'], number> = { viewer: 0, editor: 1, owner: 2 };

export function mayAct(actor: Actor, role: Actor['role']): boolean {
  return RANK[actor.role] >= RANK[role];
}

/** First line of every action: viewers read, editors change hosts, owners change the rest. */
export function permit(actor: Actor, role: Actor['role']): void {
  if (mayAct(actor, role)) return;
  throw new Problem('forbidden', {
    detail: `This needs the role ${role}; ${actor.name} is ${actor.role}.`,
  });
}
