import type { CookieJar } from '#core/http/cookies.ts';
import { Failure } from '../failure.ts';
import { holdsSecret } from '../guard/probing.ts';
import { printable, type ResponseHead } from './head.ts';
import { type HttpRequest, shown } from './request.ts';

const FOLLOWED = new Set([301, 302, 303, 307, 308]);
/** What was meant for one server, or says who asks, is not told to another. */
const PRIVATE = /^(cookie|host)$|auth|token|secret|key|password|session/;

/** True when the answer sends the client elsewhere. */
export function isRedirect(head: ResponseHead): boolean {
  return FOLLOWED.has(head.status) && head.headers.has('location');
}

/** The request a redirect leads to, by the rules browsers follow; the jar holds what was set on the way. */
export function redirected(
  request: HttpRequest,
  first: HttpRequest,
  head: ResponseHead,
  jar: CookieJar | null,
): HttpRequest | Failure {
  const location = head.headers.get('location') ?? '';
  const url = URL.parse(location, request.url.href);
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    const words = `${shown(request.url)} redirects to "${printable(location)}", not a web address`;
    return new Failure('http.redirects', words);
  }
  const turnsToGet =
    (head.status === 303 && request.method !== 'HEAD') ||
    ((head.status === 301 || head.status === 302) && request.method === 'POST');
  const sameOrigin = url.origin === request.url.origin;
  const headers = request.headers.filter(([name, value]) => {
    const lower = name.toLowerCase();
    if (sameOrigin && lower === 'cookie') return !jar;
    const stays = !PRIVATE.test(lower) && !holdsSecret(value);
    return (sameOrigin || stays) && !(turnsToGet && lower.startsWith('content-'));
  });
  const { body } = request;
  const keepsBody = body !== null && !turnsToGet && (sameOrigin || !holdsSecret(body));
  const cookie = jar && cookiesFor(url, first, jar);
  if (cookie) headers.unshift(['Cookie', cookie]);
  return {
    url,
    method: turnsToGet ? 'GET' : request.method,
    headers,
    body: keepsBody ? body : null,
  };
}

/** Those of the check itself, where it first asked, and those set on the way. */
function cookiesFor(url: URL, first: HttpRequest, jar: CookieJar): string | null {
  const own = first.headers.find(([name]) => name.toLowerCase() === 'cookie')?.[1];
  const kept = url.origin === first.url.origin ? own : undefined;
  return [kept, jar.headerFor(url)].filter(Boolean).join('; ') || null;
}
