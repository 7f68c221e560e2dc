import * as z from 'zod';
import { instant } from '../fields.ts';

export const joinCodeModel = z.object({
  /** The hash of the code: names it, does not open anything. */
  id: z.string(),
  name: z.string().nullable(),
  location: z.string().nullable(),
  usesLeft: z.int(),
  expiresAt: instant,
});

export type JoinCodeModel = z.output<typeof joinCodeModel>;

export const newJoinCode = joinCodeModel.extend({
  /** Shown this once. */
  code: z.string(),
  /** To paste in a checkout of Anyup on the other machine. */
  command: z.string(),
  /** The same as a container. */
  container: z.string(),
  /** Why the other machine may not reach us, and the one command that changes it. */
  warning: z.object({ text: z.string(), command: z.string() }).nullable(),
});

export type NewJoinCode = z.output<typeof newJoinCode>;
