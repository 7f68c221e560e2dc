// What was wrong, told at the field it is about.

/** `path` as the API names it: "checks[0].target". */
export interface FieldError {
  path: string;
  message: string;
}

/** What was typed, kept so that nobody types it twice, and what was wrong with it. */
export interface Typed {
  values: Readonly<Record<string, string | undefined>>;
  errors: readonly FieldError[];
}

export const NOTHING_TYPED: Typed = { values: {}, errors: [] };

/** "is missing" → "Address is missing"; what is a sentence already stays one. */
export function sentenceFor(title: string, message: string): string {
  return /^[a-z]/.test(message) ? `${title} ${message}` : message;
}

/** The errors about a field and what lies inside it. */
export function errorsAt(errors: readonly FieldError[], name: string): FieldError[] {
  return errors.filter(
    ({ path }) => path === name || path.startsWith(`${name}.`) || path.startsWith(`${name}[`),
  );
}

/** The same errors with a leading path ("checks[0]") taken off, as a form about that part knows them. */
export function errorsWithin(errors: readonly FieldError[], prefix: string): FieldError[] {
  return errors.map(({ path, message }) => ({
    path: path.startsWith(`${prefix}.`) ? path.slice(prefix.length + 1) : path,
    message,
  }));
}
