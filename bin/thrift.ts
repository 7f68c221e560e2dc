// How Node is to be started for a runner, which holds little and is to stay small: a small nursery for what lives
// shortly, swept by one thread, no collection of all garbage for the sake of it whenever little happens (between two
// slots that is always), and one pool of memory instead of eight. That can only be said before it starts.

export const THRIFTY_FLAGS = [
  '--max-semi-space-size=1',
  '--no-parallel-scavenge',
  '--no-memory-reducer',
];
/** For the C library of Linux. */
export const THRIFTY_ENV = { MALLOC_ARENA_MAX: '1' };

/** Starts this process over with those flags, unless it has some; comes back where that is not possible or needed. */
export function beThrifty(file: string): void {
  const given = `${process.execArgv.join(' ')} ${process.env.NODE_OPTIONS ?? ''}`;
  if (process.platform === 'win32' || !process.execve || given.includes('semi-space-size')) return;
  const args = [process.execPath, ...THRIFTY_FLAGS, ...process.execArgv, file];
  try {
    process.execve(process.execPath, [...args, ...process.argv.slice(2)], {
      ...THRIFTY_ENV,
      ...process.env,
    });
  } catch {
    // It then takes more memory, and that is all.
  }
}
