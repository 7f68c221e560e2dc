import * as z from 'zod';
import { capabilitiesSchema } from '#core/wire/enroll.ts';
import { RUNNER_STATUSES } from '#db/schema.ts';
import { instant } from '../fields.ts';

export const runnerModel = z.object({
  id: z.int(),
  name: z.string(),
  /** Null: enrolled but not placed yet, so without a vote. */
  location: z.string().nullable(),
  status: z.enum(RUNNER_STATUSES),
  version: z.string(),
  capabilities: capabilitiesSchema,
  /** Its last post of any kind; null = never. */
  lastSeenAt: instant.nullable(),
  /** Active, heard before, and not heard for too long. */
  silent: z.boolean(),
  enrolledAt: instant,
});

export type RunnerModel = z.output<typeof runnerModel>;
