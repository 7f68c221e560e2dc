// Memory that was only needed for a while goes back to the system. The C library of most Linuxes keeps what is freed in
// the middle of its heap until it is asked, and compiling a runner's code leaves a third of its memory there. And of
// Node's own code, half is only run while it starts: what is used of it comes back from its file by itself.
import { readFileSync, readlinkSync } from 'node:fs';
import type { LibraryHandle } from 'koffi';

/** What only starting needs is done with. */
const FIRST_MS = 5000;
/** While the code that works all the time is being compiled. */
const AGAIN_MS = [15_000, 30_000, 2 * 60_000, 5 * 60_000];
/** What is fetched back after each costs some 15 ms. */
const EVERY_MS = 10 * 60_000;

const MADV_DONTNEED = 4;

/** Gives memory back now and then, where the system can (Linux; the C library's part with glibc only); ends with the process. */
export function giveBackMemory(): void {
  if (process.platform !== 'linux') return;
  setTimeout(async () => {
    const ways = await waysBack();
    const giveBack = () => {
      for (const way of ways) way();
    };
    giveBack();
    for (const ms of AGAIN_MS) setTimeout(giveBack, ms - FIRST_MS).unref();
    setInterval(giveBack, EVERY_MS).unref();
  }, FIRST_MS).unref();
}

/** What can be given back here, each by a call. */
export async function waysBack(): Promise<Array<() => void>> {
  try {
    const { libc } = await import('../net/libc.ts');
    return [partsWay(libc), heapWay(libc)].filter((way) => way !== null);
  } catch {
    return []; // the C library cannot be called here
  }
}

function heapWay(libc: LibraryHandle): (() => void) | null {
  try {
    const trim = libc.func('int malloc_trim(size_t)') as unknown as (keepBytes: number) => number;
    return () => void trim(0);
  } catch {
    return null; // such as musl, which has no such call
  }
}

function partsWay(libc: LibraryHandle): () => void {
  const madvise = libc.func('int madvise(uintptr_t, size_t, int)') as unknown as (
    at: bigint,
    bytes: bigint,
    advice: number,
  ) => number;
  return () => {
    for (const { at, bytes } of partsOfNode()) madvise(at, bytes, MADV_DONTNEED);
  };
}

interface Range {
  at: bigint;
  bytes: bigint;
}

/**
 * Where the code and the constants of Node itself lie in memory, as far as they are mapped from its file and nobody has
 * written to them: what was written to, or copied into huge pages (`--use-largepages`), has no file to come back from.
 * None where the system does not tell.
 */
function partsOfNode(): Range[] {
  try {
    const file = readlinkSync('/proc/self/exe');
    return readFileSync('/proc/self/smaps', 'utf8')
      .split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)
      .flatMap((mapping) => {
        const [, from, to, name] = /^(\w+)-(\w+) r-[x-]p \S+ \S+ \d+ +(\/.*)$/m.exec(mapping) ?? [];
        const isWhole = /^Anonymous: +0 kB$/m.test(mapping) && /^Swap: +0 kB$/m.test(mapping);
        if (name !== file || !isWhole) return [];
        const at = BigInt(`0x${from}`);
        return [{ at, bytes: BigInt(`0x${to}`) - at }];
      });
  } catch {
    return [];
  }
}
