// Takes secrets out of whatever a probe says, however they were written there or cut.

/** Of a longer secret, this many characters at its beginning or end give it away too: texts are cut to length. */
export const TELLTALE = 8;

/** A secret with every way in which it may turn up in a text. */
interface Masked {
  mark: string;
  forms: string[];
}

export class Mask {
  readonly #masked: Masked[];

  constructor(secrets: ReadonlyMap<string, string>) {
    this.#masked = [...secrets].map(([name, value]) => ({
      mark: `[secret:${name}]`,
      forms: formsOf(value),
    }));
  }

  /** The same value with every text in it masked, keys too. */
  of<T>(value: T): T {
    return this.#masked.length === 0 ? value : (this.#deep(value) as T);
  }

  /** Whether a text holds one of the secrets whole. */
  finds(text: string): boolean {
    return this.#masked.some(({ forms }) => forms.some((form) => text.includes(form)));
  }

  #deep(value: unknown): unknown {
    if (typeof value === 'string') return this.#text(value);
    if (Array.isArray(value)) return value.map((each) => this.#deep(each));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [this.#text(key), this.#deep(each)]),
    );
  }

  #text(text: string): string {
    let clean = text;
    for (const { mark, forms } of this.#masked) {
      for (const form of forms) {
        clean = clean.replaceAll(form, mark);
        if (form.length > TELLTALE) clean = withoutPieces(clean, form, mark);
      }
    }
    return clean;
  }
}

/** As it is, and as addresses, JSON, HTML and Basic authorization write it. The longest first: one may hold another. */
function formsOf(value: string): string[] {
  const json = JSON.stringify(value).slice(1, -1);
  const forms = new Set([
    value,
    encodeURIComponent(value),
    encodeURIComponent(value).replaceAll('%20', '+'),
    json,
    value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;'),
    Buffer.from(value).toString('hex'),
    ...base64sOf(value),
    // A value of several lines is often shown on one.
    ...value.split(/[\r\n]+/).filter((line) => line.length >= TELLTALE),
    value.replaceAll(/\s+/g, ' ').trim(),
  ]);
  return [...forms].sort((a, b) => b.length - a.length);
}

/** The part of its base64 that is the same whatever stands before and after, at each of the three places it may begin. */
function base64sOf(value: string): string[] {
  const bytes = Buffer.from(value);
  const found = [0, 1, 2].flatMap((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const start = offset === 0 ? 0 : offset + 1;
    const end = (offset + bytes.length) % 3 === 0 ? text.length : text.length - 1;
    const core = text.slice(start, end);
    return [core, core.replaceAll('+', '-').replaceAll('/', '_')];
  });
  return found.filter((core) => core.length >= TELLTALE);
}

/** Masks what a cut has left of a secret: its beginning or its end, as far as either goes. */
function withoutPieces(text: string, form: string, mark: string): string {
  return withoutEnds(withoutStarts(text, form, mark), form, mark);
}

function withoutStarts(text: string, form: string, mark: string): string {
  const start = form.slice(0, TELLTALE);
  let clean = text;
  for (let at = clean.indexOf(start); at >= 0; at = clean.indexOf(start, at + mark.length)) {
    let length = TELLTALE;
    while (length < form.length && clean[at + length] === form[length]) length++;
    clean = clean.slice(0, at) + mark + clean.slice(at + length);
  }
  return clean;
}

function withoutEnds(text: string, form: string, mark: string): string {
  const end = form.slice(-TELLTALE);
  let clean = text;
  for (let at = clean.indexOf(end); at >= 0; at = clean.indexOf(end, at + mark.length)) {
    let length = TELLTALE;
    while (length < form.length && at > 0 && clean[at - 1] === form[form.length - length - 1]) {
      length++;
      at--;
    }
    clean = clean.slice(0, at) + mark + clean.slice(at + length);
  }
  return clean;
}
