// Memory that was only needed for a while goes back to the system: the C library of most Linuxes keeps what is freed in
// the middle of its heap until it is asked, and compiling a runner's code leaves a third of its memory there.

/** The code that works all the time is compiled by then. */
const FIRST_MS = 30_000;
const EVERY_MS = 2 * 60_000;

/** Gives memory back now and then, where the C library can (glibc); ends with the process. */
export function giveBackMemory(): void {
  if (process.platform !== 'linux') return;
  setTimeout(async () => {
    const trim = await trimmer();
    if (!trim) return;
    trim();
    setInterval(trim, EVERY_MS).unref();
  }, FIRST_MS).unref();
}

async function trimmer(): Promise<(() => void) | null> {
  try {
    const { default: koffi } = await import('koffi');
    const trim = koffi.load(null).func('int malloc_trim(size_t)') as unknown as (
      keepBytes: number,
    ) => number;
    return () => void trim(0);
  } catch {
    return null; // such as musl, which has no such call
  }
}
