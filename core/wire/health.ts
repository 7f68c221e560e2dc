// What a runner says of itself, beside its results. It never costs a result: what cannot be read is passed over.
import * as z from 'zod';

const atMs = z.int().min(0);
const count = z.int().min(0);

/** Something a runner looks at to know whether its own network works. */
export const canaryHealthSchema = z.object({
  /** "gateway 192.0.2.1". */
  name: z.string().max(100),
  ok: z.boolean(),
  /** It counts: it has answered within the last 24 hours. */
  counts: z.boolean(),
  /** When it last answered; null = never. */
  at: atMs.nullable(),
});

export const runnerHealthSchema = z.object({
  version: z.string().max(32),
  /** The machine's wall clock minus the worker's time. */
  skewMs: z.int(),
  /** Results kept that the worker does not have yet. */
  spoolDepth: count,
  /** When the oldest of them was measured; null = there are none. */
  oldestSpooledAt: atMs.nullable(),
  /** Results dropped since this start: the spool was full, or they were too old. */
  lost: count,
  /** Checks it probes. */
  checks: count,
  /** How late probes began after their slots, over the last few hundred; null = none yet. */
  latenessP50Ms: z.number().min(0).nullable(),
  latenessP99Ms: z.number().min(0).nullable(),
  /** Slots left out for being too late, or because the probe before still ran. */
  skipped: count,
  /** Share of one processor since the last time it told; null = not known. */
  cpu: z.number().min(0).nullable(),
  rssBytes: count.nullable(),
  canaries: z.array(canaryHealthSchema).max(12),
  /** Since when it does not trust its own network; null = it does. */
  blindSinceAt: atMs.nullable(),
  /** Batches that the worker could not read. */
  rejected: z.object({ count, lastReason: z.string().max(200).nullable() }),
  /** It tells people by itself when the worker is gone; absent = an older runner. */
  deadman: z.boolean().optional(),
});

export type RunnerHealth = z.output<typeof runnerHealthSchema>;
export type CanaryHealth = z.output<typeof canaryHealthSchema>;
