// The requests of the worker's HTTP looks, and where redirects lead them.
import type { HttpSpec } from '#core/checks/http.ts';
import type { CookieJar } from '#core/http/cookies.ts';
import { VERSION } from '#core/version.ts';
import { base64url } from '#worker/crypto/hash.ts';
import type { OutsideRequest } from './outside.ts';

export type LookRequest = Omit<OutsideRequest, 'signal'>;

const FOLLOWED = new Set([301, 302, 303, 307, 308]);
/** What was meant for one server, or says who asks, is not told to another. */
const PRIVATE = /^(cookie|host)$|auth|token|secret|key|password|session/;
/** Framing and the life of the connection are the runtime's. */
const NOT_OURS = /^(connection|content-length|transfer-encoding|upgrade|te|host)$/;
const CONTENT_TYPES = {
  text: null,
  json: 'application/json',
  form: 'application/x-www-form-urlencoded',
} as const;

/** As the check describes it. A name and password in its address become Basic authorization. */
export function firstRequest(spec: HttpSpec, random: (n: number) => Uint8Array): LookRequest {
  const url = new URL(spec.target);
  for (const [name, value] of Object.entries(spec.query)) url.searchParams.append(name, value);
  if (spec.cacheBuster) url.searchParams.append('anyup', base64url(random(8)));
  const headers = new Map<string, string>([
    ['user-agent', `anyup/${VERSION}`],
    ['accept', '*/*'],
    ['accept-encoding', 'identity'],
  ]);
  for (const [name, value] of Object.entries(spec.headers)) {
    if (!NOT_OURS.test(name.toLowerCase())) headers.set(name.toLowerCase(), value);
  }
  const authorization = authorizationOf(spec, url);
  if (authorization !== null && !headers.has('authorization'))
    headers.set('authorization', authorization);
  [url.username, url.password, url.hash] = ['', '', ''];
  const body = spec.body === undefined ? null : bodyOf(spec.bodyType, spec.body);
  const type = body === null ? null : CONTENT_TYPES[spec.bodyType];
  if (type !== null && !headers.has('content-type')) headers.set('content-type', type);
  const bare = spec.method === 'GET' || spec.method === 'HEAD';
  return { url, method: spec.method, headers: [...headers], body: bare ? null : body };
}

function authorizationOf(spec: HttpSpec, url: URL): string | null {
  if (spec.auth === 'bearer') return `Bearer ${spec.token}`;
  if (spec.auth === 'basic') return basic(spec.username ?? '', spec.password ?? '');
  if (url.username === '') return null;
  return basic(decodeURIComponent(url.username), decodeURIComponent(url.password));
}

function basic(name: string, password: string): string {
  return `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(`${name}:${password}`)))}`;
}

/** A form is written as one "name=value" a line. */
function bodyOf(type: HttpSpec['bodyType'], body: string): string {
  if (type !== 'form') return body;
  const form = new URLSearchParams();
  for (const line of body.split(/\r?\n/).filter((each) => each.trim() !== '')) {
    const [name = '', ...value] = line.split('=');
    form.append(name.trim(), value.join('='));
  }
  return form.toString();
}

export function isRedirect({ status, headers }: Response): boolean {
  return FOLLOWED.has(status) && headers.has('location');
}

/** The request a redirect leads to, by the rules browsers follow; a text says why it leads nowhere. */
export function redirected(
  request: LookRequest,
  first: LookRequest,
  { status, headers }: Response,
  jar: CookieJar | null,
): LookRequest | string {
  const location = headers.get('location') ?? '';
  const url = URL.parse(location, request.url.href);
  if (!url || !/^https?:$/.test(url.protocol)) {
    return `${shown(request.url)} redirects to "${location.slice(0, 80)}", not a web address`;
  }
  [url.username, url.password, url.hash] = ['', '', ''];
  const { method } = request;
  const turnsToGet = (status === 303 && method !== 'HEAD') || (status <= 302 && method === 'POST');
  const sameOrigin = url.origin === request.url.origin;
  const kept = request.headers.filter(
    ([name]) =>
      name !== 'cookie' &&
      (sameOrigin || !PRIVATE.test(name)) &&
      !(turnsToGet && name.startsWith('content-')),
  );
  const own = first.headers.find(([name]) => name === 'cookie')?.[1];
  const cookie = [url.origin === first.url.origin ? own : undefined, jar?.headerFor(url)]
    .filter(Boolean)
    .join('; ');
  return {
    url,
    method: turnsToGet ? 'GET' : method,
    headers: cookie === '' ? kept : [...kept, ['cookie', cookie]],
    body: turnsToGet ? null : request.body,
  };
}

/** As it may be shown: no credentials, no query. */
export function shown(url: URL): string {
  return `${url.origin}${url.pathname}`;
}
