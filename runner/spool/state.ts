// What the spool remembers beside its results: which of them the worker has, and how many were dropped.
import * as z from 'zod';
import type { RunnerPlatform } from '#runner/platform.ts';
import type { Segment } from './segment.ts';

const FILE = 'spool/state.json';

const stateSchema = z.object({
  /** Dropped, and the worker does not know of it yet. */
  lost: z.int().min(0),
  /** By segment: ranges of results that are done. */
  done: z.record(z.string(), z.array(z.tuple([z.int().min(0), z.int().min(0)]))),
});

export type SpoolState = z.output<typeof stateSchema>;

/** Without a state that can be read, some results are posted twice, which the worker does not mind: it is not worth a sync. */
export async function readState({ disk }: Pick<RunnerPlatform, 'disk'>): Promise<SpoolState> {
  const bytes = await disk.read(FILE);
  try {
    return stateSchema.parse(JSON.parse(Buffer.from(bytes ?? '').toString('utf8')));
  } catch {
    return { lost: 0, done: {} };
  }
}

export async function writeState(
  { disk }: Pick<RunnerPlatform, 'disk'>,
  segments: readonly Segment[],
  lost: number,
): Promise<void> {
  const state: SpoolState = { lost, done: {} };
  for (const segment of segments) {
    const ranges = segment.memory === null ? segment.doneRanges() : [];
    if (ranges.length > 0) state.done[segment.name] = ranges;
  }
  await disk.replace(FILE, Buffer.from(JSON.stringify(state)), { sync: false });
}
