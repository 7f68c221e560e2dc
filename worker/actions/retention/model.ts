import * as z from 'zod';
import { duration } from '#core/duration.ts';
import { instant } from '../fields.ts';

const DAY_MS = 86_400_000;

/** Every reading is kept for `detail`; figures of hours for 140 days, of days for 400. */
export const retentionModel = z.object({
  detail: z.string(),
  hours: z.string(),
  days: z.string(),
  /** Readings older than this are gone, or will be by what was asked. */
  detailFromAt: instant,
  /** What was asked, in words: what it takes away. Null when it takes nothing away. */
  gone: z.string().nullable(),
  /** False when it was only asked what would be gone. */
  done: z.boolean(),
});

export type RetentionModel = z.output<typeof retentionModel>;

export const retentionPatch = z.strictObject({
  detail: duration(DAY_MS, 340 * DAY_MS).meta({ description: 'whole days from 1d to 340d' }),
  dryRun: z.boolean().default(false).meta({ description: 'only say what would be gone' }),
});
