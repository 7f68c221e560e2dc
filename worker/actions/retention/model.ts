import * as z from 'zod';
import { duration } from '#core/duration.ts';
import { idField, instant } from '../fields.ts';

const DAY_MS = 86_400_000;

/** How long every reading is kept, the figures of hours, and those of days. */
export const retentionModel = z.object({
  detail: z.string(),
  hours: z.string(),
  days: z.string(),
  /** Hosts whose readings are kept for a time of their own. */
  hosts: z.array(z.object({ id: z.int(), detail: z.string() })),
  /** Readings older than this are gone, or will be by what was asked. */
  detailFromAt: instant,
  /** What was asked, in words: what it takes away. Null when it takes nothing away. */
  gone: z.string().nullable(),
  /** False when it was only asked what would be gone. */
  done: z.boolean(),
});

export type RetentionModel = z.output<typeof retentionModel>;

const detail = () => duration(DAY_MS, 340 * DAY_MS);

export const retentionPatch = z.strictObject({
  detail: detail().optional().meta({ description: 'whole days from 1d to 340d' }),
  hours: duration(14 * DAY_MS, 430 * DAY_MS)
    .optional()
    .meta({ description: 'of figures by the hour: 14d to 430d' }),
  days: duration(31 * DAY_MS, 800 * DAY_MS)
    .optional()
    .meta({ description: 'of figures by the day: 31d to 800d' }),
  hosts: z
    .array(z.strictObject({ id: idField, detail: detail().nullable() }))
    .max(200)
    .optional()
    .meta({ description: 'readings of single hosts; null = as long as those of the others' }),
  dryRun: z.boolean().default(false).meta({ description: 'only say what would be gone' }),
});

export type RetentionPatch = z.output<typeof retentionPatch>;
