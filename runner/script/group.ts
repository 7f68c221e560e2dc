// A process group, and whoever got away from it.
import { readdirSync, readFileSync } from 'node:fs';

const ROUNDS = 20;

/** Ends everybody in the group at once: a process that is just being made has its end in its cradle. */
export function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // Nobody is left in the group.
  }
}

/** How many processes are in the group; 0 where /proc does not tell. */
export function sizeOfGroup(group: number): number {
  return processIds().filter((id) => groupOf(id) === group).length;
}

/**
 * Ends those who left the group but still have the mark in their environment. Looks at every process of the machine, so
 * it is for scripts that did not end as they should.
 */
export function endMarked(mark: string): void {
  for (let round = 0; round < ROUNDS; round++) {
    const marked = processIds().filter((id) => hasMark(id, mark));
    if (marked.length === 0) return;
    for (const id of marked) {
      try {
        process.kill(id, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
  }
}

function processIds(): number[] {
  try {
    return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  } catch {
    return [];
  }
}

function groupOf(id: number): number {
  const stat = read(`/proc/${id}/stat`);
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]);
}

function hasMark(id: number, mark: string): boolean {
  return id !== process.pid && read(`/proc/${id}/environ`).includes(mark) && !isZombie(id);
}

function isZombie(id: number): boolean {
  const stat = read(`/proc/${id}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // it has ended meanwhile, or is another's
  }
}
