// What a script's processes may use, set before it starts by prlimit of util-linux: no shell, no process more.
import { existsSync, readFileSync } from 'node:fs';

const PRLIMIT = ['/usr/bin/prlimit', '/bin/prlimit'].find((path) => existsSync(path)) ?? null;

export interface Limits {
  memoryBytes: number;
  cpuS: number;
  /** Of the whole process group. */
  processes: number;
}

/** The command that runs a file within limits; the file itself where this system has no prlimit. */
export function limited(
  file: string,
  args: readonly string[],
  { memoryBytes, cpuS, processes }: Limits,
): { file: string; args: string[] } {
  if (PRLIMIT === null) return { file, args: [...args] };
  const { cpu, data } = ceilings();
  return {
    file: PRLIMIT,
    args: [
      `--cpu=${Math.min(cpuS, cpu)}`,
      `--data=${Math.min(memoryBytes, data)}`,
      '--core=0',
      // Counted over all of the user's processes, and never for root: the watch over the group is what holds.
      `--nproc=${threadsNow() + processes}:`,
      file,
      ...args,
    ],
  };
}

/** All processes and threads of the machine; 0 where it cannot be known. One small read. */
export function threadsNow(): number {
  try {
    return Number(/\d+\/(\d+)/.exec(readFileSync('/proc/loadavg', 'latin1'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

let known: { cpu: number; data: number } | null = null;

/** What this process itself may not go beyond, and so nobody it starts. */
function ceilings(): { cpu: number; data: number } {
  if (known) return known;
  let text = '';
  try {
    text = readFileSync('/proc/self/limits', 'latin1');
  } catch {
    // Without /proc nothing is known to be lower.
  }
  const hard = (name: string) =>
    Number(new RegExp(`^${name} +\\S+ +(\\d+)`, 'm').exec(text)?.[1] ?? Number.MAX_SAFE_INTEGER);
  known = { cpu: hard('Max cpu time'), data: hard('Max data size') };
  return known;
}
