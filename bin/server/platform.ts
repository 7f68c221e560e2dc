// The platform of a process on a machine (Node or Bun).
import { randomBytes } from 'node:crypto';
import type { Db } from '#db/db.ts';
import type { Config, LastGood, Log, Platform } from '#worker/platform.ts';
import { outside } from './outside.ts';

export interface ProcessPlatform extends Platform {
  /** Resolves when no deferred work is left. */
  settle: () => Promise<void>;
}

/** `afterDeferred` is called each time deferred work ended: it may have left messages to send. */
export function processPlatform(given: {
  db: Db;
  config: Config;
  log: Log;
  copy?: Db;
  lastGood?: LastGood;
  ring?: Platform['ring'];
  live?: Platform['live'];
  afterDeferred: () => void;
}): ProcessPlatform {
  const { db, config, log, copy, lastGood, ring, live, afterDeferred } = given;
  const pending = new Set<Promise<void>>();
  return {
    db,
    config,
    log,
    ...(copy && { copy }),
    ...(lastGood && { lastGood }),
    ...(ring && { ring }),
    ...(live && { live }),
    now: Date.now,
    random: (n) => new Uint8Array(randomBytes(n)),
    fetch: (...args) => fetch(...args),
    outside,
    defer: (work) => {
      const done = work()
        .then(afterDeferred, (error: Error) => {
          log('error', error.message, { stack: error.stack });
        })
        .finally(() => pending.delete(done));
      pending.add(done);
    },
    settle: async () => {
      while (pending.size > 0) await Promise.all(pending);
    },
  };
}
