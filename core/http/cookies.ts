// Cookies of one probe, kept from one redirect to the next and forgotten with it.

/** No server needs more to be followed. */
const MAX_COOKIES = 50;
const MAX_BYTES = 4096;

interface Cookie {
  name: string;
  value: string;
  domain: string;
  /** False: only for exactly that host. */
  shared: boolean;
  path: string;
  secure: boolean;
}

export class CookieJar {
  #cookies: Cookie[] = [];

  /** Takes what an answer of `url` sets at `now` (epoch ms); `lines` are its Set-Cookie headers, one a line. */
  take(url: URL, lines: string | undefined, now: number): void {
    for (const line of (lines ?? '').split('\n')) {
      if (line.length > MAX_BYTES) continue;
      const [first = '', ...rest] = line.split(';');
      const equals = first.indexOf('=');
      const name = first.slice(0, equals).trim();
      if (equals < 1 || name === '') continue;
      const attributes = new Map(rest.map(attribute));
      const cookie = cookieOf(url, name, first.slice(equals + 1).trim(), attributes);
      if (!cookie) continue;
      this.#cookies = this.#cookies.filter((each) => !isSame(each, cookie));
      if (!isOver(attributes, now) && this.#cookies.length < MAX_COOKIES)
        this.#cookies.push(cookie);
    }
  }

  /** What to send to an address; null = nothing. */
  headerFor(url: URL): string | null {
    const fitting = this.#cookies
      .filter((cookie) => belongsTo(cookie, url))
      .sort((a, b) => b.path.length - a.path.length)
      .map(({ name, value }) => `${name}=${value}`);
    return fitting.length > 0 ? fitting.join('; ') : null;
  }
}

function attribute(text: string): [name: string, value: string] {
  const equals = text.indexOf('=');
  if (equals === -1) return [text.trim().toLowerCase(), ''];
  return [text.slice(0, equals).trim().toLowerCase(), text.slice(equals + 1).trim()];
}

/** Null when a server speaks for a domain that is not its own. */
function cookieOf(
  url: URL,
  name: string,
  value: string,
  attributes: ReadonlyMap<string, string>,
): Cookie | null {
  const named = (attributes.get('domain') ?? '').replace(/^\./, '').toLowerCase();
  const shared = named !== '' && named !== url.hostname;
  // A cookie for a whole top-level domain is nobody's.
  if (shared && (!url.hostname.endsWith(`.${named}`) || !named.includes('.'))) return null;
  const path = attributes.get('path') ?? '';
  const folder = url.pathname.slice(0, Math.max(1, url.pathname.lastIndexOf('/')));
  return {
    name,
    value,
    domain: named === '' ? url.hostname : named,
    shared: named !== '',
    path: path.startsWith('/') ? path : folder,
    secure: attributes.has('secure'),
  };
}

function isOver(attributes: ReadonlyMap<string, string>, now: number): boolean {
  const maxAge = attributes.get('max-age');
  if (maxAge !== undefined) return Number(maxAge) <= 0;
  const expires = attributes.get('expires');
  return expires !== undefined && Date.parse(expires) <= now;
}

function isSame(a: Cookie, b: Cookie): boolean {
  return a.name === b.name && a.domain === b.domain && a.path === b.path;
}

function belongsTo({ domain, shared, path, secure }: Cookie, url: URL): boolean {
  const host = url.hostname;
  if (host !== domain && !(shared && host.endsWith(`.${domain}`))) return false;
  if (secure && url.protocol !== 'https:') return false;
  const folder = path.endsWith('/') ? path : `${path}/`;
  return url.pathname === path || url.pathname.startsWith(folder);
}
