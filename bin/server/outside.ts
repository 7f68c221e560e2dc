// The worker's own looks on Node and Bun. Names are resolved here, and only addresses that may be looked at are connected
// to: nothing resolves a second time in between.
import { lookup } from 'node:dns/promises';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { connect, isIP } from 'node:net';
import { Readable } from 'node:stream';
import type { ReasonCode } from '#core/reason.ts';
import {
  NotAllowed,
  type Outside,
  type OutsideRequest,
  type Permit,
} from '#worker/here/outside.ts';

/** Addresses of one name that are tried. */
const MOST_ADDRESSES = 3;

export const outside: Outside = {
  async fetch(request, permit) {
    const { hostname } = request.url;
    return overAddresses(bare(hostname), permit, request.signal, (address) =>
      ask(request, address),
    );
  },
  connect: ({ host, port, signal }, permit) =>
    overAddresses(host, permit, signal, (address) => open(address, port, signal)),
  explain(error) {
    const { code = '', message, name } = error as NodeJS.ErrnoException;
    const family = FAMILIES.find(([prefix]) => prefix.test(code || name))?.[1];
    return { code: CODES[code] ?? family ?? 'connect.failed', text: message };
  },
  statusMeans: () => null,
  unpacks: false,
  clockUs: () => performance.now() * 1000,
};

const CODES: Record<string, ReasonCode> = {
  ENOTFOUND: 'dns.not_found',
  ENODATA: 'dns.not_found',
  EAI_AGAIN: 'dns.failed',
  ECONNREFUSED: 'connect.refused',
  ECONNRESET: 'connect.reset',
  EPIPE: 'connect.reset',
  ETIMEDOUT: 'connect.timeout',
  EHOSTUNREACH: 'connect.unreachable',
  ENETUNREACH: 'connect.unreachable',
  EMFILE: 'unable.resources',
  ENFILE: 'unable.resources',
  CERT_HAS_EXPIRED: 'tls.expired',
  CERT_NOT_YET_VALID: 'tls.not_yet_valid',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls.hostname',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls.self_signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls.untrusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls.untrusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls.untrusted',
  HPE_HEADER_OVERFLOW: 'http.headers_too_large',
};

const FAMILIES: Array<[prefix: RegExp, code: ReasonCode]> = [
  [/^(ERR_TLS|ERR_SSL|CERT_)/, 'tls.failed'],
  [/^HPE_/, 'http.invalid'],
  // A status that no answer may have.
  [/^RangeError$/, 'http.invalid'],
];

/** One address after the other until one answers; those that are refused are left out. */
async function overAddresses<T>(
  host: string,
  permit: Permit,
  signal: AbortSignal,
  reach: (address: string) => Promise<T>,
): Promise<T> {
  const addresses = await addressesOf(host, signal);
  const allowed = addresses.filter((address) => permit(address) === null);
  const [refused] = addresses;
  if (allowed.length === 0 && refused !== undefined) {
    const named = refused === host ? refused : `${host} leads to ${refused}, which`;
    throw new NotAllowed(`${named} ${permit(refused)}`);
  }
  let failure: unknown = new Error('no address');
  for (const address of allowed.slice(0, MOST_ADDRESSES)) {
    try {
      return await reach(address);
    } catch (error) {
      if (signal.aborted) throw error;
      failure = error;
    }
  }
  throw failure;
}

async function addressesOf(host: string, signal: AbortSignal): Promise<string[]> {
  if (isIP(host) !== 0) return [host];
  const given = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  const found = await Promise.race([lookup(host, { all: true }), given]);
  return found.map(({ address }) => address);
}

function ask({ url, method, headers, body, signal }: OutsideRequest, address: string) {
  const secure = url.protocol === 'https:';
  const name = bare(url.hostname);
  return new Promise<Response>((resolve, reject) => {
    const sent = (secure ? requestHttps : requestHttp)({
      host: address,
      port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
      path: `${url.pathname}${url.search}`,
      method,
      headers: { host: url.host, ...Object.fromEntries(headers) },
      agent: false,
      signal,
      // For a literal there is no name to ask for; it is checked against the certificate all the same.
      ...(secure && isIP(name) === 0 && { servername: name }),
    });
    sent.on('error', reject);
    sent.on('response', (answer) => {
      try {
        resolve(responseOf(answer));
      } catch (error) {
        answer.destroy();
        reject(error);
      }
    });
    sent.end(body ?? undefined);
  });
}

const WITHOUT_BODY = new Set([204, 205, 304]);

function responseOf(answer: import('node:http').IncomingMessage): Response {
  const headers = new Headers();
  for (let i = 0; i + 1 < answer.rawHeaders.length; i += 2) {
    headers.append(answer.rawHeaders[i] as string, answer.rawHeaders[i + 1] as string);
  }
  const status = answer.statusCode ?? 0;
  const bodiless = WITHOUT_BODY.has(status);
  if (bodiless) answer.resume();
  const body = bodiless ? null : (Readable.toWeb(answer) as ReadableStream<Uint8Array>);
  return new Response(body, { status, headers });
}

function open(host: string, port: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, signal });
    socket.on('error', reject);
    socket.on('connect', () => {
      socket.resetAndDestroy();
      resolve();
    });
  });
}

function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}
