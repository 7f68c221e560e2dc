// One request on one connection of its own, on whatever way the check wants it to go.
import type { HttpSpec } from '#core/checks/http.ts';
import type { Phases } from '#core/reading.ts';
import type { Deadline } from '../deadline.ts';
import { Failure } from '../failure.ts';
import { dial } from '../net/dial.ts';
import { lineOf } from '../net/line.ts';
import { hostPort } from '../net/race.ts';
import { resolve } from '../net/resolve.ts';
import { call } from '../tcp/call.ts';
import { type Certificate, certificateOf, describe } from '../tls/certificate.ts';
import { secure, type TlsTerms } from '../tls/secure.ts';
import { type Answer, type ExchangeTerms, exchange } from './exchange.ts';
import { isRedirect } from './redirect.ts';
import { endpointOf, type HttpRequest, placeOf, requestBytes } from './request.ts';

/** What a request of a check shares with those before it. */
export interface Sending {
  spec: HttpSpec;
  /** How much of a body is kept. */
  keepBytes: number;
  deadline: Deadline;
  /** The parts of the time are added here. */
  phases: Phases;
  /** Somebody watches: the certificate is to be told at length. */
  explain?: boolean;
}

export interface Sent extends Answer {
  /** As it was asked, for people: "HTTP/2". */
  version: string;
  /** The server's; null without TLS. */
  certificate: Certificate | null;
  /** Its words, when they were wanted. */
  certificateText?: string;
}

const TO_1_1 = ['http/1.1'];
const ALPN = { '1.1': TO_1_1, '2': ['h2'], auto: ['h2', ...TO_1_1] };

/** Asks and reads one answer. */
export function send(request: HttpRequest, sending: Sending): Promise<Sent | Failure> {
  const { spec } = sending;
  const isPlain = request.url.protocol === 'http:' && spec.version !== '2' && !spec.proxy;
  return isPlain ? sendPlainly(request, sending) : sendAnyWay(request, sending);
}

/** Straight to the server and without TLS, over the sort of socket that costs least. */
async function sendPlainly(request: HttpRequest, sending: Sending): Promise<Sent | Failure> {
  const { spec, deadline, phases } = sending;
  const { host, port } = endpointOf(request.url);
  const bytes = requestBytes(request);
  const found = resolve(host, spec.family, deadline);
  const resolved = found instanceof Promise ? await found : found;
  if (resolved instanceof Failure) return resolved;
  add(phases, 'dnsUs', resolved.dnsUs);
  const called = await call(resolved.addresses, port, deadline);
  if (called instanceof Failure) return called;
  const { socket: line, address, connectUs } = called;
  add(phases, 'connectUs', connectUs);
  const peer = { address, name: hostPort(address, port) };
  const answer = await exchange(line, bytes, exchangeTerms(request, sending, peer));
  if (answer instanceof Failure) return answer;
  add(phases, 'firstByteUs', answer.firstByteUs);
  add(phases, 'totalUs', (resolved.dnsUs ?? 0) + connectUs + answer.lastByteUs);
  const { head, firstByteUs, lastByteUs, bodyBytes, body } = answer;
  const version = 'HTTP/1.1';
  return { head, firstByteUs, lastByteUs, bodyBytes, body, version, certificate: null };
}

async function sendAnyWay(request: HttpRequest, sending: Sending): Promise<Sent | Failure> {
  const { spec, deadline, phases } = sending;
  const { host, port } = endpointOf(request.url);
  const isTls = request.url.protocol === 'https:';
  const way = spec.proxy
    ? await throughProxy(spec.proxy, { host, port, tls: isTls }, sending)
    : await directly(host, port, sending);
  if (way instanceof Failure) return way;
  const { by } = way;
  const peer = { address: way.address, name: hostPort(way.address, port), host };
  let { socket } = way;
  let tlsUs = 0;
  let certificate: Certificate | null = null;
  let certificateText: string | undefined;
  let isH2 = !isTls && spec.version === '2';
  if (isTls) {
    const terms = await tlsTerms(request.url, spec);
    if (terms instanceof Failure) {
      socket.on('error', () => {}).destroy();
      return terms;
    }
    const named = isOwn(request.url, spec) ? (spec.serverName ?? host) : host;
    const secured = await secure(socket, { ...peer, host: named }, terms, deadline);
    if (secured instanceof Failure) return otherVersion(secured, spec) ?? secured;
    tlsUs = secured.tlsUs;
    add(phases, 'tlsUs', tlsUs);
    certificate = certificateOf(secured.socket);
    if (certificate && sending.explain) {
      certificateText = describe(certificate, secured.socket, Date.now());
    }
    isH2 = secured.socket.alpnProtocol === 'h2';
    socket = secured.socket;
    if (spec.version === '2' && !isH2) {
      socket.on('error', () => {}).destroy();
      return new Failure('http.version', `${peer.name} does not speak HTTP/2`);
    }
  }
  const terms = exchangeTerms(request, sending, peer);
  const answer = isH2
    ? await (await import('./h2.ts')).exchangeH2(socket, request, terms)
    : await exchange(lineOf(socket), requestBytes(request, by), terms);
  if (answer instanceof Failure) return answer;
  add(phases, 'firstByteUs', answer.firstByteUs);
  add(phases, 'totalUs', (way.dnsUs ?? 0) + way.connectUs + tlsUs + answer.lastByteUs);
  const version = isH2 ? 'HTTP/2' : 'HTTP/1.1';
  return { ...answer, version, certificate, ...(certificateText && { certificateText }) };
}

function exchangeTerms(
  { method }: HttpRequest,
  { spec, keepBytes, deadline }: Sending,
  peer: ExchangeTerms['peer'],
): ExchangeTerms {
  return {
    method,
    limits: { maxBytes: spec.maxBytes, keepBytes },
    skipsBody: (head) => spec.followRedirects > 0 && isRedirect(head),
    deadline,
    peer,
  };
}

async function directly(host: string, port: number, { spec, deadline, phases }: Sending) {
  const resolved = await resolve(host, spec.family, deadline);
  if (resolved instanceof Failure) return resolved;
  const { addresses, dnsUs } = resolved;
  add(phases, 'dnsUs', dnsUs);
  const dialled = await dial(addresses, port, deadline);
  if (dialled instanceof Failure) return dialled;
  const { socket, address, connectUs } = dialled;
  add(phases, 'connectUs', connectUs);
  return { socket, address, by: null, dnsUs, connectUs };
}

async function throughProxy(
  proxy: string,
  target: { host: string; port: number; tls: boolean },
  { spec, deadline, phases }: Sending,
) {
  const { tunnel } = await import('./proxy.ts');
  const opened = await tunnel({ proxy, target, family: spec.family, deadline });
  if (opened instanceof Failure) return opened;
  const { socket, by, dnsUs, connectUs } = opened;
  add(phases, 'dnsUs', dnsUs);
  add(phases, 'connectUs', connectUs);
  return { socket, address: target.host, by, dnsUs, connectUs };
}

async function tlsTerms(url: URL, spec: HttpSpec): Promise<TlsTerms | Failure> {
  const terms: TlsTerms = { verify: spec.verifyTls, alpn: ALPN[spec.version] };
  const { clientCert: cert, clientKey: key } = spec;
  if (cert === undefined || key === undefined || !isOwn(url, spec)) return terms;
  const { clientContext } = await import('./clientCertificate.ts');
  const secureContext = clientContext(cert, key);
  return secureContext instanceof Failure ? secureContext : { ...terms, secureContext };
}

/** What was meant for the server of the check is not shown to those it redirects to. */
function isOwn(url: URL, spec: HttpSpec): boolean {
  return url.origin === placeOf(spec).origin;
}

/** A server that speaks none of the versions offered says so in the handshake. */
function otherVersion({ text }: Failure, { version }: HttpSpec): Failure | null {
  if (version !== '2' || !/no application protocol/i.test(text)) return null;
  return new Failure('http.version', 'the server does not speak HTTP/2');
}

function add(phases: Phases, part: keyof Phases, us: number | undefined): void {
  if (us !== undefined) phases[part] = (phases[part] ?? 0) + us;
}
