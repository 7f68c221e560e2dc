// The target of a check that has none: what it is called, with its kind before it.
import * as z from 'zod';

const NAME = /^[^\p{Cc}]{1,80}$/u;

/** A field that takes a name, with or without "kind:" before it, and gives it with. */
export function namedTarget(kind: string, placeholder: string) {
  return z
    .string()
    .trim()
    .transform((text) => nameIn(kind, text))
    .refine((name) => NAME.test(name), {
      message: `must be a name of at most 80 characters, like "${placeholder}"`,
    })
    .transform((name) => `${kind}:${name}`)
    .meta({ title: 'Name', placeholder });
}

/** "kind:name" in its one spelling; null when `text` does not begin with "kind:". */
export function inferNamed(kind: string, text: string): string | null {
  const name = nameIn(kind, text);
  return name !== text && NAME.test(name) ? `${kind}:${name}` : null;
}

function nameIn(kind: string, text: string): string {
  return text.toLowerCase().startsWith(`${kind}:`) ? text.slice(kind.length + 1).trim() : text;
}
