import * as z from 'zod';

export const ruleModel = z.object({
  id: z.int(),
  channelId: z.int(),
  channel: z.string(),
  /** Empty = everything. */
  match: z.object({
    groups: z.array(z.string()).optional(),
    hosts: z.array(z.int()).optional(),
  }),
  /** Told from this status on; recoveries follow what was told. */
  from: z.enum(['degraded', 'down']),
  /** Messages about Anyup itself. */
  fleet: z.boolean(),
});

export type RuleModel = z.output<typeof ruleModel>;
