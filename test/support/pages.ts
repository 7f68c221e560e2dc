// Pages as a browser without JavaScript sees them: get, follow, post forms; signed in or not.
import { app } from '#worker/app.ts';
import { createSignInLink } from '#worker/auth/signIn.ts';
import type { Platform } from '#worker/platform.ts';

const ORIGIN = 'http://anyup.test';

export interface Page {
  status: number;
  html: string;
  /** What a reader reads: tags taken away, blanks folded. */
  text: string;
  location: string | null;
  headers: Headers;
}

/** Values may repeat under a name, as boxes do. */
export type Fields = Record<string, string | readonly string[]>;

export class Visitor {
  readonly #platform: Platform;
  #cookie = '';

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  async get(path: string): Promise<Page> {
    return this.#ask(path, { method: 'GET' });
  }

  /** Posts a form as the browser does; the redirect is told, not followed. */
  async post(path: string, fields: Fields = {}, origin = ORIGIN): Promise<Page> {
    const body = new URLSearchParams();
    for (const [name, value] of Object.entries(fields)) {
      for (const each of typeof value === 'string' ? [value] : value) body.append(name, each);
    }
    return this.#ask(path, { method: 'POST', body, headers: { origin } });
  }

  /** Posts a form with a file in it. */
  async upload(path: string, fields: Record<string, string>, file?: string): Promise<Page> {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.append(name, value);
    if (file !== undefined) body.append('file', new File([file], 'backup.json'));
    return this.#ask(path, { method: 'POST', body, headers: { origin: ORIGIN } });
  }

  /** Posts a form and goes where it leads. */
  async postAndFollow(path: string, fields: Fields = {}): Promise<Page> {
    const { location, status, text } = await this.post(path, fields);
    if (status !== 303 || location === null) throw new Error(`${path}: ${status} ${text}`);
    return this.get(location);
  }

  async #ask(path: string, init: RequestInit): Promise<Page> {
    const headers = new Headers(init.headers);
    headers.set('accept', 'text/html');
    if (this.#cookie) headers.set('cookie', this.#cookie);
    const answer = await app.request(`${ORIGIN}${path}`, { ...init, headers }, this.#platform);
    const cookie = answer.headers.getSetCookie()[0];
    if (cookie !== undefined) this.#cookie = cookie.split(';')[0] ?? '';
    const html = await answer.text();
    const { status } = answer;
    const location = answer.headers.get('location');
    return { status, html, text: readable(html), location, headers: answer.headers };
  }
}

/** A visitor who has signed in as the owner by a one-time link. */
export async function signedIn(platform: Platform): Promise<Visitor> {
  const visitor = new Visitor(platform);
  const { url } = await createSignInLink(platform);
  const page = await visitor.post('/sign-in', { link: url });
  if (page.status !== 303) throw new Error(`sign-in: ${page.status} ${page.text}`);
  return visitor;
}

/** What a reader reads of some HTML. */
export function readable(html: string): string {
  return html
    .replace(/<head>.*?<\/head>/s, '')
    .replace(/<svg.*?<\/svg>/gs, '')
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ')
    .replace(/ ([.,:;])/g, '$1')
    .trim();
}
