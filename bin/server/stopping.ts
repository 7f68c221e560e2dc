// Ending cleanly: whatever was opened last is closed first.

export interface Stopping {
  /** Adds what to do at the end. */
  add: (close: () => unknown) => void;
  now: () => Promise<void>;
}

const AT_MOST_MS = 2500;

/** Stops on SIGINT, SIGTERM and SIGHUP, then exits with 0; after 2.5 s it exits anyway. */
export function stopOnSignals(say: (line: string) => void): Stopping {
  const closers: Array<() => unknown> = [];
  let stopping: Promise<void> | null = null;

  async function closeAll(): Promise<void> {
    for (let close = closers.pop(); close; close = closers.pop()) {
      try {
        await close();
      } catch (error) {
        say(`while stopping: ${(error as Error).message}`);
      }
    }
  }
  function now(): Promise<void> {
    stopping ??= closeAll();
    return stopping;
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (stopping) return;
      say('stopping …');
      setTimeout(() => process.exit(0), AT_MOST_MS).unref();
      now().then(() => process.exit(0));
    });
  }
  return { add: (close) => closers.push(close), now };
}
