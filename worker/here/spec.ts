import { type CheckSpec, isKind, kindOf } from '#core/checks/index.ts';

/** A stored config as its kind parses it; null when it cannot be read. */
export function specOfConfig(text: string): CheckSpec | null {
  const { kind, ...fields } = JSON.parse(text) as Record<string, unknown>;
  if (!isKind(kind)) return null;
  const parsed = kindOf(kind).schema.safeParse(fields);
  if (!parsed.success) return null;
  return {
    kind,
    ...(parsed.data as object),
    ...(fields.invert === true && { invert: true }),
  } as CheckSpec;
}
