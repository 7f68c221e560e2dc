import * as z from 'zod';

/** A regular expression as it is typed. */
export const pattern = z
  .string()
  .min(1)
  .max(1024)
  .refine(compiles, { message: 'must be a regular expression' });

function compiles(source: string): boolean {
  try {
    new RegExp(source, 'u');
    return true;
  } catch {
    return false;
  }
}
