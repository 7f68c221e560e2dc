// One request on one connection of its own, on whatever way the check wants it to go.
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { HttpSpec } from '#core/checks/http.ts';
import type { Phases } from '#core/reading.ts';
import type { Deadline } from '../deadline.ts';
import { Failure } from '../failure.ts';
import { dial, type Ear } from '../net/dial.ts';
import { lineOf } from '../net/line.ts';
import { hostPort } from '../net/race.ts';
import { resolve } from '../net/resolve.ts';
import { call } from '../tcp/call.ts';
import { type Certificate, certificateOf, describe } from '../tls/certificate.ts';
import { dialSecurely } from '../tls/dial.ts';
import { secure, type TlsTerms } from '../tls/secure.ts';
import { type Answer, type ExchangeTerms, exchange } from './exchange.ts';
import { isRedirect } from './redirect.ts';
import {
  endpointOf,
  type ForwardProxy,
  type HttpRequest,
  placeOf,
  requestBytes,
} from './request.ts';

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

/** A connection that the request can go over. */
interface Way {
  socket: Socket;
  /** What the socket hears by, where it was made with one. */
  ear?: Ear | undefined;
  /** The same socket when there is TLS within; null = there is none. */
  secured: TLSSocket | null;
  peer: ExchangeTerms['peer'];
  /** The proxy wants to be told the whole address. */
  by: ForwardProxy | null;
  tookUs: number;
}

async function sendAnyWay(request: HttpRequest, sending: Sending): Promise<Sent | Failure> {
  const { spec, phases } = sending;
  const way = spec.proxy
    ? await throughProxy(spec.proxy, request, sending)
    : await directly(request, sending);
  if (way instanceof Failure) return way;
  const { socket, ear, secured, peer, by, tookUs } = way;
  const certificate = secured && certificateOf(secured);
  const certificateText =
    certificate && sending.explain ? describe(certificate, secured, Date.now()) : undefined;
  const isH2 = secured ? secured.alpnProtocol === 'h2' : spec.version === '2';
  if (spec.version === '2' && !isH2) {
    socket.on('error', () => {}).destroy();
    return new Failure('http.version', `${peer.name} does not speak HTTP/2`);
  }
  const terms = exchangeTerms(request, sending, peer);
  const answer = isH2
    ? await (await import('./h2.ts')).exchangeH2(socket, request, terms)
    : await exchange(lineOf(socket, ear), requestBytes(request, by), terms);
  if (answer instanceof Failure) return answer;
  add(phases, 'firstByteUs', answer.firstByteUs);
  add(phases, 'totalUs', tookUs + answer.lastByteUs);
  const { head, firstByteUs, lastByteUs, bodyBytes, body } = answer;
  const sent: Sent = {
    ...{ head, firstByteUs, lastByteUs, bodyBytes, body, certificate },
    version: isH2 ? 'HTTP/2' : 'HTTP/1.1',
  };
  if (certificateText) sent.certificateText = certificateText;
  return sent;
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

async function directly(request: HttpRequest, sending: Sending): Promise<Way | Failure> {
  const { spec, deadline, phases } = sending;
  const { host, port } = endpointOf(request.url);
  const found = resolve(host, spec.family, deadline);
  const resolved = found instanceof Promise ? await found : found;
  if (resolved instanceof Failure) return resolved;
  const { addresses, dnsUs = 0 } = resolved;
  add(phases, 'dnsUs', resolved.dnsUs);
  const connected = (us: number) => add(phases, 'connectUs', us);
  if (isTls(request)) {
    const asked = tlsTerms(request.url, spec);
    const terms = asked instanceof Promise ? await asked : asked;
    if (terms instanceof Failure) return terms;
    // Whoever may yet speak HTTP/2 needs a socket that Node itself hears.
    const ear: Ear | undefined = spec.version === '1.1' ? { hear: () => {} } : undefined;
    const call = { addresses, port, host: nameFor(request.url, spec), terms, ear };
    const secured = await dialSecurely(call, deadline, connected);
    if (secured instanceof Failure) return otherVersion(secured, spec) ?? secured;
    const { socket, peer, connectUs, tlsUs } = secured;
    add(phases, 'tlsUs', tlsUs);
    return { socket, ear, secured: socket, peer, by: null, tookUs: dnsUs + connectUs + tlsUs };
  }
  const dialled = await dial(addresses, port, deadline);
  if (dialled instanceof Failure) return dialled;
  const { socket, address, connectUs } = dialled;
  connected(connectUs);
  const peer = { address, name: hostPort(address, port) };
  return { socket, secured: null, peer, by: null, tookUs: dnsUs + connectUs };
}

async function throughProxy(
  proxy: string,
  request: HttpRequest,
  { spec, deadline, phases }: Sending,
): Promise<Way | Failure> {
  const terms = isTls(request) ? await tlsTerms(request.url, spec) : null;
  if (terms instanceof Failure) return terms;
  const { tunnel } = await import('./proxy.ts');
  const target = { ...endpointOf(request.url), tls: terms !== null };
  const opened = await tunnel({ proxy, target, family: spec.family, deadline });
  if (opened instanceof Failure) return opened;
  const { socket, by, dnsUs, connectUs } = opened;
  add(phases, 'dnsUs', dnsUs);
  add(phases, 'connectUs', connectUs);
  const tookUs = (dnsUs ?? 0) + connectUs;
  const { host, port } = target;
  const peer = { address: host, name: hostPort(host, port), host: nameFor(request.url, spec) };
  if (terms === null) return { socket, secured: null, peer, by, tookUs };
  const secured = await secure(socket, peer, terms, deadline);
  if (secured instanceof Failure) return otherVersion(secured, spec) ?? secured;
  const { socket: within, tlsUs } = secured;
  add(phases, 'tlsUs', tlsUs);
  return { socket: within, secured: within, peer, by, tookUs: tookUs + tlsUs };
}

function isTls({ url }: HttpRequest): boolean {
  return url.protocol === 'https:';
}

function tlsTerms(url: URL, spec: HttpSpec): TlsTerms | Failure | Promise<TlsTerms | Failure> {
  const terms: TlsTerms = { verify: spec.verifyTls, alpn: ALPN[spec.version] };
  const { clientCert: cert, clientKey: key } = spec;
  return cert === undefined || key === undefined || !isOwn(url, spec)
    ? terms
    : showing(cert, key, terms);
}

async function showing(cert: string, key: string, terms: TlsTerms): Promise<TlsTerms | Failure> {
  const { clientContext } = await import('./clientCertificate.ts');
  const secureContext = clientContext(cert, key);
  return secureContext instanceof Failure ? secureContext : { ...terms, secureContext };
}

/** What the certificate of a server must name. */
function nameFor(url: URL, spec: HttpSpec): string {
  const { serverName } = spec;
  return serverName !== undefined && isOwn(url, spec) ? serverName : endpointOf(url).host;
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
