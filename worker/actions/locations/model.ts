import * as z from 'zod';
import { instant } from '../fields.ts';

export const locationModel = z.object({
  id: z.int(),
  name: z.string(),
  enabled: z.boolean(),
  /** Checks may name it by these. */
  tags: z.array(z.string()),
  createdAt: instant,
  /** Names of the runners that stand there, revoked ones left out. */
  runners: z.array(z.string()),
});

export type LocationModel = z.output<typeof locationModel>;
