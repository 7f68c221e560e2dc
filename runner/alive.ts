// A sign of life for whoever supervises the process (a container's health check): the event loop still turns.
import * as z from 'zod';
import type { Disk, RunnerPlatform } from './platform.ts';

const FILE = 'alive.json';
const EVERY_MS = 20_000;
const DEAD_AFTER_MS = 60_000;

const aliveSchema = z.object({ at: z.int() });

/** Writes the sign now and then, until the function given back is called. A disk that takes nothing is no reason to stop. */
export function showLife(platform: Pick<RunnerPlatform, 'disk' | 'now' | 'setTimer'>): () => void {
  let cancel = () => {};
  const show = () => {
    const bytes = Buffer.from(JSON.stringify({ at: platform.now() }));
    platform.disk.replace(FILE, bytes, { sync: false }).catch(() => {});
    cancel = platform.setTimer(EVERY_MS, show);
  };
  show();
  return () => cancel();
}

/** How old the sign is, in ms; null when there is none. */
export async function lifeAgeMs(disk: Disk, now: number): Promise<number | null> {
  const bytes = await disk.read(FILE);
  try {
    const parsed = aliveSchema.parse(JSON.parse(Buffer.from(bytes ?? []).toString()));
    return Math.max(0, now - parsed.at);
  } catch {
    return null;
  }
}

export function isAlive(ageMs: number | null): boolean {
  return ageMs !== null && ageMs < DEAD_AFTER_MS;
}
