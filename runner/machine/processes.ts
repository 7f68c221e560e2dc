import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { libraryProcesses } from './library.ts';

export interface RunningProcess {
  name: string;
  command: string;
}

/** Read in one turn of the event loop: about a millisecond. */
const AT_ONCE = 50;
/** Checks that look within this see the same. */
const SHARED_MS = 1000;

let shared: { atMs: number; all: Promise<RunningProcess[]> } | null = null;

/** What runs of a program, by its name, with whole command lines. */
export async function runningOf(name: string): Promise<RunningProcess[]> {
  const isOfIt = process.platform === 'linux' ? namedOnLinux(name) : named(name);
  return (await everybody()).filter(isOfIt);
}

function everybody(): Promise<RunningProcess[]> {
  const atMs = performance.now();
  if (shared === null || atMs - shared.atMs > SHARED_MS) {
    shared = { atMs, all: process.platform === 'linux' ? processesOfLinux() : libraryProcesses() };
  }
  return shared.all;
}

function named(wanted: string): (each: RunningProcess) => boolean {
  const plain = (name: string) => name.toLowerCase().replace(/\.exe$/, '');
  return ({ name }) => plain(name) === plain(wanted);
}

/** The kernel keeps 15 characters of a name; scripts have their interpreter's there, and their own in the command. */
function namedOnLinux(wanted: string): (each: RunningProcess) => boolean {
  const short = wanted.slice(0, 15);
  return ({ name, command }) => {
    const words = command.split(' ', 2);
    if (words.some((word) => basename(word) === wanted)) return true;
    return name === short && (wanted.length <= 15 || command === '');
  };
}

/** Reading small files of the kernel's by themselves costs a fifth of what it does by way of promises. */
export async function processesOfLinux(): Promise<RunningProcess[]> {
  const found: RunningProcess[] = [];
  const ids = readdirSync('/proc').filter((each) => /^\d+$/.test(each));
  for (const [at, id] of ids.entries()) {
    if (at % AT_ONCE === AT_ONCE - 1) await turn();
    try {
      const name = readFileSync(`/proc/${id}/comm`, 'utf8').trim();
      const command = readFileSync(`/proc/${id}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      found.push({ name, command });
    } catch {
      // It has ended meanwhile.
    }
  }
  return found;
}
