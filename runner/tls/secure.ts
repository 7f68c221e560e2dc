import { isIP, type Socket, type SocketConstructorOpts } from 'node:net';
import {
  type ConnectionOptions,
  connect,
  createSecureContext,
  type DetailedPeerCertificate,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import { type Deadline, microsSince } from '../deadline.ts';
import { codeOf, Failure, messageOf, socketFailure } from '../failure.ts';
import { type Certificate, certificateOf, expired, namesOf, notYetValid } from './certificate.ts';
import { identityOf } from './identity.ts';

export interface Secured {
  socket: TLSSocket;
  tlsUs: number;
}

export interface TlsPeer {
  address: string;
  name: string;
  /** As asked for; the certificate must name it. */
  host: string;
}

export interface TlsTerms {
  /** A wrong certificate is a failure, and nothing is sent. */
  verify: boolean;
  /** Protocols offered to speak within, the best first. */
  alpn?: string[];
  /** Instead of the shared one: with a client certificate, or other protocol versions. */
  secureContext?: SecureContext;
  /** The whole chain will be asked for. */
  wantsChain?: boolean;
  /** Called with the server's stapled OCSP response, if there is one, before the handshake ends. */
  onStaple?: (response: Buffer) => void;
}

/** What all probes agree to; X25519 makes a handshake cost half. */
export const CURVES = 'X25519:P-256:P-384';

let shared: SecureContext | undefined;

/** One context for all probes: making one costs as much as a third of a handshake. */
function context(): SecureContext {
  shared ??= createSecureContext({ ecdhCurve: CURVES });
  return shared;
}

/** The TLS handshake over a connected socket, within the deadline. */
export function secure(
  raw: Socket,
  peer: TlsPeer,
  terms: TlsTerms,
  deadline: Deadline,
): Promise<Secured | Failure> {
  const startedAt = performance.now();
  raw.on('error', () => {});
  return shaken(beginTls({ socket: raw }, peer.host, terms), startedAt, peer, terms, deadline);
}

/** A TLS connection over a socket, or to an address with a port. `host`: as asked for; the certificate must name it. */
export function beginTls(
  over: Pick<ConnectionOptions, 'socket' | 'host' | 'port'> & Pick<SocketConstructorOpts, 'onread'>,
  host: string,
  { alpn, secureContext = context(), wantsChain = false, onStaple }: TlsTerms,
): TLSSocket {
  const socket: TLSSocket = connect({
    ...over,
    servername: serverNameOf(host),
    ...(alpn && { ALPNProtocols: alpn }),
    ...(onStaple && { requestOCSP: true }),
    secureContext,
    // Judged below instead, where the certificate can still be read for the reason.
    rejectUnauthorized: false,
    ...(!wantsChain && { checkServerIdentity: () => identityOf(socket, host) }),
  });
  // Asked by Node after each handshake, for the check above, which does without: translating a chain of certificates
  // costs as much as the handshake.
  if (!wantsChain) socket.getPeerCertificate = () => ({}) as DetailedPeerCertificate;
  // Until somebody listens.
  socket.on('error', () => {});
  return socket;
}

/** Waits for the end of a handshake that is under way. */
export function shaken(
  socket: TLSSocket,
  startedAt: number,
  peer: TlsPeer,
  { verify, onStaple }: TlsTerms,
  deadline: Deadline,
): Promise<Secured | Failure> {
  return new Promise((resolve) => {
    const settle = (outcome: Secured | Failure) => {
      clearTimeout(expiry);
      socket.off('secureConnect', onSecure).off('error', onError).off('close', onClose);
      if (outcome instanceof Failure) socket.on('error', () => {}).destroy();
      resolve(outcome);
    };
    const expiry = setTimeout(() => {
      const text = `no TLS handshake with ${peer.name} within ${deadline.timeoutMs} ms`;
      settle(new Failure('timeout', text));
    }, deadline.leftMs());
    const onSecure = () => {
      const tlsUs = microsSince(startedAt);
      const distrust = verify ? distrustOf(socket, peer.host) : null;
      settle(distrust ?? { socket, tlsUs });
    };
    const onError = (error: Error) => settle(handshakeFailure(error, peer, microsSince(startedAt)));
    const onClose = () => settle(hungUp(peer));
    socket.on('secureConnect', onSecure).on('error', onError).on('close', onClose);
    if (onStaple) {
      socket.on('OCSPResponse', (response: Buffer | null) => {
        if (response && response.length > 0) onStaple(response);
      });
    }
    if (socket.errored) onError(socket.errored);
  });
}

/** The name to ask for in the TLS handshake; addresses are never asked for. */
export function serverNameOf(host: string): string {
  return isIP(host) ? '' : host.replace(/\.$/, '');
}

/** Why the certificate must not be believed; null when it may. */
export function distrustOf(socket: TLSSocket, host: string): Failure | null {
  if (socket.authorized) return null;
  // A code such as CERT_HAS_EXPIRED, whatever the typings say.
  const code = String(socket.authorizationError ?? 'UNKNOWN');
  const certificate = certificateOf(socket);
  if (!certificate) return new Failure('tls.untrusted', `${host} shows no certificate`);
  const now = Date.now();
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      // The code speaks of the whole chain.
      return certificate.notAfterAt <= now
        ? expired(certificate, host, now)
        : new Failure('tls.expired', `an authority's certificate in the chain of ${host} expired`);
    case 'CERT_NOT_YET_VALID':
      return notYetValid(certificate, host, now);
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return wrongName(certificate, host);
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return new Failure('tls.self_signed', `certificate of ${host} is signed by itself`);
    default:
      return new Failure('tls.untrusted', `certificate of ${host} is not trusted (${code})`);
  }
}

export function wrongName({ names, subject }: Certificate, host: string): Failure {
  const text = `certificate is for ${namesOf(names) || subject || 'nobody'}, not for ${host}`;
  return new Failure('tls.hostname', text);
}

function handshakeFailure(error: Error, peer: TlsPeer, afterUs: number): Failure {
  const code = codeOf(error);
  // Without a system call behind it, ECONNRESET is Node's word for a connection closed within the handshake.
  if (code === 'ECONNRESET' && !('syscall' in error)) return hungUp(peer);
  if (/UNSUPPORTED_PROTOCOL|ALERT_PROTOCOL_VERSION|UNSUPPORTED_SSL_VERSION/.test(code)) {
    return new Failure('tls.protocol', `${peer.name}: ${plainTlsError(error)}`);
  }
  if (!code || code.startsWith('ERR_') || code === 'EPROTO') {
    return new Failure('tls.failed', `${peer.name}: ${plainTlsError(error)}`);
  }
  return socketFailure(error, peer, afterUs);
}

function hungUp(peer: TlsPeer): Failure {
  return new Failure('tls.failed', `${peer.name} closed the connection within the TLS handshake`);
}

/** OpenSSL's words without the source lines around them. */
function plainTlsError(error: Error): string {
  const reason = (error as { reason?: unknown }).reason;
  return typeof reason === 'string' ? reason : messageOf(error).split('\n')[0] || 'TLS failed';
}
