// What may hold a secret is covered before it reaches an audit row or a viewer's eyes.

const COVER = '•••';
const SECRET_NAME =
  /authorization|cookie|token|secret|password|passwd|(api|client|private)[-_]?key|^x-.*key$|^body$/i;

/** The name of a secret that only runners know. */
const REFERENCE = /^(\w+ )?secret:[A-Za-z0-9][\w-]*$/;

/** The same value with passwords in addresses, credentials in headers and request bodies covered. */
export function masked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value === 'string') return withoutPassword(value);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      key,
      typeof each === 'string' && SECRET_NAME.test(key) && !REFERENCE.test(each)
        ? COVER
        : masked(each),
    ]),
  );
}

/** "https://me:pass@host/" → "https://me:•••@host/". */
function withoutPassword(text: string): string {
  return text.replace(
    /^([a-z][a-z0-9+.-]*:\/\/[^\s/?#:@]*):([^\s/?#@]*)@/i,
    (whole, start: string, password: string) =>
      REFERENCE.test(password) ? whole : `${start}:${COVER}@`,
  );
}
