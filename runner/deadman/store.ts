// What a dead-man remembers over a restart: an alarm that stands is neither told again nor forgotten to be taken back.
import * as z from 'zod';
import { type DeadmanState, QUIET, TROUBLES } from '#core/deadman.ts';
import type { Disk } from '../platform.ts';

const FILE = 'deadman.json';

const names = z.array(z.string());
const spanMs = z.number().min(0);

const storedSchema = z.object({
  state: z.object({
    trouble: z.object({ kind: z.enum(TROUBLES), what: z.string() }).nullable(),
    sinceAt: z.number().nullable(),
    lastedMs: spanMs,
    wellMs: spanMs,
    alarm: z.object({ told: names, owed: names }).nullable(),
    clear: z.object({ owed: names, sinceAt: z.number(), lastedMs: spanMs }).nullable(),
  }),
  /** By channel: the last attempt that failed, until one succeeds. */
  failures: z.record(z.string(), z.object({ at: z.number(), error: z.string() })),
});

export type Stored = z.output<typeof storedSchema> & { state: DeadmanState };

/** Nothing told yet, where there is no file or none that can be read. */
export async function readDeadman(disk: Pick<Disk, 'read'>): Promise<Stored> {
  const bytes = await disk.read(FILE);
  try {
    return storedSchema.parse(JSON.parse(Buffer.from(bytes ?? '').toString('utf8')));
  } catch {
    return { state: QUIET, failures: {} };
  }
}

export function writeDeadman(disk: Pick<Disk, 'replace'>, stored: Stored): Promise<void> {
  return disk.replace(FILE, Buffer.from(JSON.stringify(stored)));
}
