// How the locations of a check are merged into one verdict.
import * as z from 'zod';

/** `required` names locations by id. */
export type Policy =
  | { type: 'any' }
  | { type: 'majority' }
  | { type: 'all' }
  | { type: 'atLeast'; n: number }
  | { type: 'required'; locations: number[] };

export const ANY: Policy = { type: 'any' };

const plain = z.enum(['any', 'majority', 'all']).transform((type): Policy => ({ type }));

export const policySchema = z.union([
  plain,
  z.strictObject({ type: z.literal('any') }),
  z.strictObject({ type: z.literal('majority') }),
  z.strictObject({ type: z.literal('all') }),
  z.strictObject({ type: z.literal('atLeast'), n: z.int().min(1).max(100) }),
  z.strictObject({
    type: z.literal('required'),
    locations: z.array(z.int().min(1)).min(1).max(100),
  }),
]);
