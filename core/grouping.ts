// What checks taken together come to, and which groups would be members of themselves.
import type { GroupSpec } from './checks/group.ts';
import { CRITICAL, type Level, OK, statusOf, WARNING, worstLevel } from './level.ts';
import { shortened } from './text.ts';

/** One member with what is known of it; a host is as bad as its worst check that is known. */
export interface MemberState {
  name: string;
  weight: number;
  /** Null = nobody can tell. */
  level: Level | null;
}

export interface GroupWord {
  level: Level | null;
  /** "2 of 3 are up; not up: web, mail" */
  text: string;
}

/** What a group says of itself. Without any member that counts nobody can tell. */
export function groupWord(
  { rule, needed }: Pick<GroupSpec, 'rule' | 'needed'>,
  members: readonly MemberState[],
): GroupWord {
  const known = members.flatMap(({ level }) => (level === null ? [] : [level]));
  const total = members.reduce((sum, { weight }) => sum + weight, 0);
  const level =
    rule === 'worst'
      ? worstLevel(known)
      : rule === 'best'
        ? bestLevel(known, members.length - known.length)
        : enough(members, Math.min(needed, total));
  return { level, text: inWords(members) };
}

/** While one that is not known could be the best, the others do not make it down. */
function bestLevel(levels: readonly Level[], unknown: number): Level | null {
  if (levels.length === 0) return null;
  const best = Math.min(...levels);
  return statusOf(best) === 'down' && unknown > 0 ? null : best;
}

/** Unless those that are not known could still turn it. */
function enough(members: readonly MemberState[], needed: number): Level | null {
  if (members.length === 0) return null;
  const weigh = (counts: (level: Level | null) => boolean) =>
    members.reduce((sum, { weight, level }) => (counts(level) ? sum + weight : sum), 0);
  const known = (worst: 'up' | 'degraded') =>
    weigh((level) => {
      const status = statusOf(level);
      return status === 'up' || (worst === 'degraded' && status === 'degraded');
    });
  if (known('up') >= needed) return OK;
  const unknown = weigh((level) => level === null);
  if (known('up') + unknown >= needed) return null;
  if (known('degraded') >= needed) return WARNING;
  return known('degraded') + unknown >= needed ? null : CRITICAL;
}

function inWords(members: readonly MemberState[]): string {
  const names = (status: string) =>
    members.filter(({ level }) => statusOf(level) === status).map(({ name }) => name);
  const bad = [...names('down'), ...names('degraded')];
  const parts = [`${names('up').length} of ${members.length} up`];
  if (bad.length > 0) parts.push(`not up: ${bad.join(', ')}`);
  if (names('unknown').length > 0) parts.push(`unknown: ${names('unknown').join(', ')}`);
  const text = parts.join('; ');
  return shortened(text, 120);
}

/**
 * The way on which a group comes back to itself, as ids of checks from it to it; null = there is none. `membersOf`
 * gives the checks that a group is made of, and nothing for a check that is no group.
 */
export function loopFrom(
  groupId: number,
  membersOf: (checkId: number) => readonly number[],
): number[] | null {
  const seen = new Set<number>();
  const search = (id: number, way: readonly number[]): number[] | null => {
    for (const member of membersOf(id)) {
      if (member === groupId) return [...way, member];
      if (seen.has(member)) continue;
      seen.add(member);
      const found = search(member, [...way, member]);
      if (found) return found;
    }
    return null;
  };
  return search(groupId, [groupId]);
}
