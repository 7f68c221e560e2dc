import type { HttpSpec } from '#core/checks/http.ts';
import { VERSION } from '../version.ts';

/** One request of a probe: the first one, or the one a redirect leads to. */
export interface HttpRequest {
  url: URL;
  method: string;
  headers: ReadonlyArray<readonly [name: string, value: string]>;
  body: string | null;
}

/** Framing and the life of the connection are ours to say. */
const OURS = new Set(['connection', 'content-length', 'transfer-encoding', 'upgrade', 'te']);
const SENDS_LENGTH = new Set(['POST', 'PUT', 'PATCH']);

/** The request a check describes; a name and password in its address become Basic authorization. */
export function firstRequest(spec: HttpSpec): HttpRequest {
  const url = new URL(spec.target);
  const headers = Object.entries(spec.headers).filter(([name]) => !OURS.has(name.toLowerCase()));
  if (url.username !== '' && !hasHeader(headers, 'authorization')) {
    headers.push(['Authorization', `Basic ${basicCredentials(url)}`]);
  }
  return { url, method: spec.method, headers, body: spec.body ?? null };
}

/** The bytes on the wire. Throws on a line break in anything that goes into the head. */
export function requestBytes({ url, method, headers, body }: HttpRequest): Buffer {
  const defaults: Array<[string, string]> = [
    ['Host', url.host],
    ['User-Agent', `anyup/${VERSION}`],
    ['Accept', '*/*'],
    ['Accept-Encoding', 'identity'],
  ];
  let head = `${method} ${url.pathname}${url.search} HTTP/1.1\r\n`;
  for (const [name, value] of defaults) {
    if (!hasHeader(headers, name.toLowerCase())) head += headerLine(name, value);
  }
  for (const [name, value] of headers) head += headerLine(name, value);
  const content = body === null ? null : Buffer.from(body, 'utf8');
  if (content || SENDS_LENGTH.has(method)) {
    head += headerLine('Content-Length', String(content?.length ?? 0));
  }
  const start = Buffer.from(`${head}Connection: close\r\n\r\n`, 'latin1');
  return content ? Buffer.concat([start, content]) : start;
}

/** The host without brackets, and the port with the scheme's default. */
export function endpointOf(url: URL): { host: string; port: number } {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const standard = url.protocol === 'https:' ? 443 : 80;
  return { host, port: url.port === '' ? standard : Number(url.port) };
}

/** An address as it may be shown: no credentials, no query. */
export function shown(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

function hasHeader(headers: HttpRequest['headers'], lowerName: string): boolean {
  return headers.some(([name]) => name.toLowerCase() === lowerName);
}

function headerLine(name: string, value: string): string {
  if (/[\r\n\0]/.test(name) || /[\r\n\0]/.test(value)) {
    throw new Error(`the header "${name.replace(/[\r\n\0]/g, ' ')}" holds a line break`);
  }
  return `${name}: ${value}\r\n`;
}

function basicCredentials(url: URL): string {
  const plain = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return Buffer.from(plain, 'utf8').toString('base64');
}
