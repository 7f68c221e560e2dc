import { randomBytes } from 'node:crypto';
import type { HttpSpec } from '#core/checks/http.ts';
import { VERSION } from '../version.ts';

/** One request of a probe: the first one, or the one a redirect leads to. */
export interface HttpRequest {
  url: URL;
  method: string;
  headers: ReadonlyArray<readonly [name: string, value: string]>;
  body: string | null;
}

/** A proxy that takes the whole address in the first line. */
export interface ForwardProxy {
  authorization: string | null;
}

/** What every request says unless its check says otherwise; the host comes before. */
export const DEFAULTS = [
  ['User-Agent', `anyup/${VERSION}`],
  ['Accept', '*/*'],
  ['Accept-Encoding', 'identity'],
] as const;

/** Framing and the life of the connection are ours to say. */
const OURS = new Set(['connection', 'content-length', 'transfer-encoding', 'upgrade', 'te']);
const SENDS_LENGTH = new Set(['POST', 'PUT', 'PATCH']);

const CONTENT_TYPES = {
  text: null,
  json: 'application/json',
  form: 'application/x-www-form-urlencoded',
} as const;

/** First requests that are the same each time, by what they were made from. */
const made = new WeakMap<HttpSpec, HttpRequest>();
/** What went over the wire for those. */
const written = new WeakMap<HttpRequest, Buffer>();

/**
 * The request a check describes, with what authorizes it. A name and password in its address become Basic authorization.
 */
export function firstRequest(spec: HttpSpec, authorization: string | null = null): HttpRequest {
  if (spec.cacheBuster || authorization !== null) return newRequest(spec, authorization);
  const known = made.get(spec);
  if (known) return known;
  const request = newRequest(spec, null);
  made.set(spec, request);
  return request;
}

function newRequest(spec: HttpSpec, authorization: string | null): HttpRequest {
  const url = new URL(spec.target);
  for (const [name, value] of Object.entries(spec.query)) url.searchParams.append(name, value);
  if (spec.cacheBuster) url.searchParams.append('anyup', randomBytes(8).toString('hex'));
  const headers = Object.entries(spec.headers).filter(([name]) => !OURS.has(name.toLowerCase()));
  if (authorization !== null) headers.push(['Authorization', authorization]);
  else if (url.username !== '' && !hasHeader(headers, 'authorization')) {
    const [name, password] = [url.username, url.password].map(decodeURIComponent);
    headers.push(['Authorization', basic(name, password)]);
  }
  const body = spec.body === undefined ? null : bodyOf(spec.bodyType, spec.body);
  const type = body === null ? null : CONTENT_TYPES[spec.bodyType];
  if (type !== null && !hasHeader(headers, 'content-type')) headers.push(['Content-Type', type]);
  return { url, method: spec.method, headers, body };
}

/** A form is written as one "name=value" a line. */
function bodyOf(type: HttpSpec['bodyType'], body: string): string {
  if (type !== 'form') return body;
  const pairs = body.split(/\r?\n/).filter((line) => line.trim() !== '');
  const form = new URLSearchParams();
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    if (equals === -1) form.append(pair.trim(), '');
    else form.append(pair.slice(0, equals).trim(), pair.slice(equals + 1));
  }
  return form.toString();
}

/** The value of an Authorization header. */
export function basic(name = '', password = ''): string {
  return `Basic ${Buffer.from(`${name}:${password}`, 'utf8').toString('base64')}`;
}

/** The bytes on the wire. Throws on a line break in anything that goes into the head. */
export function requestBytes(request: HttpRequest, by: ForwardProxy | null = null): Buffer {
  if (by !== null || request.body !== null) return newBytes(request, by);
  const known = written.get(request);
  if (known) return known;
  const bytes = newBytes(request, null);
  written.set(request, bytes);
  return bytes;
}

function newBytes({ url, method, headers, body }: HttpRequest, by: ForwardProxy | null): Buffer {
  const where = by ? `http://${url.host}` : '';
  let head = `${method} ${where}${url.pathname}${url.search} HTTP/1.1\r\n`;
  if (by?.authorization) head += headerLine('Proxy-Authorization', by.authorization);
  if (!hasHeader(headers, 'host')) head += headerLine('Host', url.host);
  for (const [name, value] of DEFAULTS) {
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

const places = new WeakMap<HttpSpec, { origin: string; hostname: string }>();

/** Where the target of a check lies. */
export function placeOf(spec: HttpSpec): { origin: string; hostname: string } {
  const known = places.get(spec);
  if (known) return known;
  const { origin, hostname } = new URL(spec.target);
  places.set(spec, { origin, hostname });
  return { origin, hostname };
}

export interface Endpoint {
  /** Without brackets. */
  host: string;
  port: number;
}

const endpoints = new WeakMap<URL, Endpoint>();

/** Where an address leads, with its scheme's port if it names none. */
export function endpointOf(url: URL): Endpoint {
  const known = endpoints.get(url);
  if (known) return known;
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const standard = url.protocol === 'https:' ? 443 : 80;
  const endpoint = { host, port: url.port === '' ? standard : Number(url.port) };
  endpoints.set(url, endpoint);
  return endpoint;
}

/** An address as it may be shown: no credentials, no query. */
export function shown(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

export function hasHeader(headers: HttpRequest['headers'], lowerName: string): boolean {
  return headers.some(([name]) => name.toLowerCase() === lowerName);
}

function headerLine(name: string, value: string): string {
  if (/[\r\n\0]/.test(name) || /[\r\n\0]/.test(value)) {
    throw new Error(`the header "${name.replace(/[\r\n\0]/g, ' ')}" holds a line break`);
  }
  return `${name}: ${value}\r\n`;
}
