import { Failure } from '../failure.ts';
import { holdsSecret } from '../guard/probing.ts';
import { printable, type ResponseHead } from './head.ts';
import { type HttpRequest, shown } from './request.ts';

const FOLLOWED = new Set([301, 302, 303, 307, 308]);
/** What was meant for one server is not told to another. */
const PRIVATE = new Set(['authorization', 'cookie', 'proxy-authorization', 'host']);

/** True when the answer sends the client elsewhere. */
export function isRedirect(head: ResponseHead): boolean {
  return FOLLOWED.has(head.status) && head.headers.has('location');
}

/** The request a redirect leads to, by the rules browsers follow. */
export function redirected(request: HttpRequest, head: ResponseHead): HttpRequest | Failure {
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
    const stays = !PRIVATE.has(lower) && !holdsSecret(value);
    return (sameOrigin || stays) && !(turnsToGet && lower.startsWith('content-'));
  });
  const { body } = request;
  const keepsBody = body !== null && !turnsToGet && (sameOrigin || !holdsSecret(body));
  return {
    url,
    method: turnsToGet ? 'GET' : request.method,
    headers,
    body: keepsBody ? body : null,
  };
}
