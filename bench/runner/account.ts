// What a process and all its children have used, as the kernel counts it.
import { readdirSync, readFileSync } from 'node:fs';

const TICK_US = 10_000;

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // it ended meanwhile
  }
}

/** The fields of /proc/<pid>/stat after the command's name, which may hold anything. */
function statOf(pid: number): string[] {
  const text = read(`/proc/${pid}/stat`);
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** The process and everything below it that lives. */
export function treeOf(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = Number(statOf(Number(name))[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const tree = [root];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}

/** µs of user and system time: living threads to the nanosecond, children that ended in ticks of their sum. */
export function cpuUs(root: number): number {
  let us = 0;
  for (const pid of treeOf(root)) {
    const [cutime, cstime] = statOf(pid).slice(13, 15);
    us += (Number(cutime ?? 0) + Number(cstime ?? 0)) * TICK_US;
    for (const thread of threadsOf(pid)) {
      us += Number(read(`/proc/${pid}/task/${thread}/schedstat`).split(' ')[0]) / 1000;
    }
  }
  return us;
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** The most memory it held at once (without its children), and what it holds now, MiB. */
export function memoryMiB(pid: number): { peak: number; now: number } {
  const status = read(`/proc/${pid}/status`);
  const mib = (field: string) =>
    Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0) / 1024;
  return { peak: mib('VmHWM'), now: mib('VmRSS') };
}
