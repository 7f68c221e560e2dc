import * as z from 'zod';
import { STANDINGS } from '#core/standing.ts';
import { capabilitiesSchema } from '#core/wire/enroll.ts';
import { runnerHealthSchema } from '#core/wire/health.ts';
import { RUNNER_STATUSES } from '#db/statuses.ts';
import { instant } from '../fields.ts';

/** What it said of itself last. */
export const runnerHealthModel = runnerHealthSchema.extend({
  heardAt: instant,
  oldestSpooledAt: instant.nullable(),
  blindSinceAt: instant.nullable(),
  canaries: z.array(
    z.object({ name: z.string(), ok: z.boolean(), counts: z.boolean(), at: instant.nullable() }),
  ),
});

export const runnerModel = z.object({
  id: z.int(),
  name: z.string(),
  /** Null: enrolled but not placed yet, so without a vote. */
  location: z.string().nullable(),
  /** Where it says it stands, when it joined without a code. */
  askedLocation: z.string().nullable(),
  status: z.enum(RUNNER_STATUSES),
  version: z.string(),
  capabilities: capabilitiesSchema,
  /** Its last post of any kind; null = never. */
  lastSeenAt: instant.nullable(),
  /** Active, heard before, and not heard for too long. */
  silent: z.boolean(),
  /** Since when its results have no vote, because others contradict it; null = they have. */
  quarantinedSinceAt: instant.nullable(),
  /** How it stands, and the same in one sentence. */
  standing: z.enum(STANDINGS),
  sentence: z.string(),
  /** Its turn among the runners that tell people by themselves when Anyup is gone, from 0; null = it is none of them. */
  deadmanRank: z.int().nullable(),
  /** Null: it never said anything of itself. */
  health: runnerHealthModel.nullable(),
  enrolledAt: instant,
});

export type RunnerModel = z.output<typeof runnerModel>;
