// Fields that many actions take and models that many answers hold.
import * as z from 'zod';

/** A row's id; digits as text (from an address or a form) are taken too. */
export const idField = z.preprocess(
  (value) => (typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value),
  z.int().min(1),
);

/** A number from an address or a form, within bounds. */
export function countField(min: number, max: number) {
  return z.preprocess(
    (value) => (typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value),
    z.int().min(min).max(max),
  );
}

/** A name people read, which may be empty: one line, trimmed. */
export function lineField(max = 100) {
  return z
    .string()
    .trim()
    .max(max)
    .regex(/^[^\p{Cc}]*$/u, { message: 'may not hold line breaks or control characters' });
}

/** A name people read: one line, trimmed. */
export function nameField(max = 100) {
  return lineField(max).min(1);
}

/** Words to find a thing by, each once. */
export const tagsField = z
  .array(
    z
      .string()
      .trim()
      .min(1)
      .max(40)
      .regex(/^[^\p{Cc},]*$/u, { message: 'may not hold commas or control characters' }),
  )
  .max(50)
  .transform((tags) => [...new Set(tags)])
  .meta({ description: 'words to find it by' });

/** Newest first; `before` is the `next` of the page before. */
export const pageFields = {
  before: idField.optional(),
  limit: countField(1, 200).default(50),
};

export const byId = z.strictObject({ id: idField });

/** Epoch ms inside, ISO-8601 UTC in JSON (worker/routes/json.ts). */
export const instant = z.int().meta({ instant: true });

/** Nothing to say. */
export const nothing = z.strictObject({});
