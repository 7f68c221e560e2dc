import type * as z from 'zod';

/** What is wrong, in the words of the schema: of a name that is none, why it is none. */
export function wordsOfIssue(issue: z.core.$ZodIssue): string {
  const [first] = issue.code === 'invalid_key' ? issue.issues : [];
  return first?.message ?? issue.message;
}
