// Where several processes share a database, a tick is done by one of them: its row, guarded by its version, is the lease.
import type { Pulse } from '#core/pulse.ts';
import { counterOf } from '#worker/meter/counter.ts';
import type { Platform } from '#worker/platform.ts';

/** A little less than the time between a process's own ticks: should the holder die, the next tick does its work. */
const LEASE_MS = 4000;

/** A file is one process's own; anything behind HTTP may have others at it. */
export function isShared({ db }: Pick<Platform, 'db'>): boolean {
  return counterOf(db).source !== 'file';
}

/** Somebody has just begun a tick. One that lies ahead is of a clock that is wrong, and holds nobody up. */
export function isLeased(platform: Pick<Platform, 'db'>, { tickAt }: Pulse, now: number): boolean {
  return isShared(platform) && tickAt <= now && now - tickAt < LEASE_MS;
}
