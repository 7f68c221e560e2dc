import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type TlsSpec, tlsEndpoint } from '#core/checks/tls.ts';
import { CRITICAL, ERROR, WARNING } from '#core/level.ts';
import type { Measurement, Phases } from '#core/reading.ts';
import { Deadline } from '../deadline.ts';
import { Failure } from '../failure.ts';
import { dial } from '../net/dial.ts';
import { hostPort } from '../net/race.ts';
import { resolve } from '../net/resolve.ts';
import type { Probe } from '../probe.ts';
import { startTls } from '../starttls/index.ts';
import { describe, expiryMetric, expiryOf, readCertificate } from '../tls/certificate.ts';
import { chainOf } from '../tls/chain.ts';
import { pinFailure } from '../tls/pin.ts';
import { distrustOf, secure, wrongName } from '../tls/secure.ts';
import { judgeStaple } from '../tls/staple.ts';
import { answered, failed } from './answer.ts';

/** Shakes hands, looks at what the server shows, and hangs up. */
export const tls: Probe<'tls'> = async (spec, context) => {
  const target = tlsEndpoint(spec.target);
  if (!target) throw new Error(`"${spec.target}" is no host with a port`);
  const deadline = new Deadline(context.timeoutMs);
  const phases: Phases = {};

  const resolved = await resolve(target.host, spec.family, deadline);
  if (resolved instanceof Failure) return failed(resolved);
  if (resolved.dnsUs !== undefined) phases.dnsUs = resolved.dnsUs;

  const dialled = await dial(resolved.addresses, target.port, deadline);
  if (dialled instanceof Failure) return failed(dialled, { phases });
  phases.connectUs = dialled.connectUs;

  const host = spec.serverName ?? target.host;
  const peer = { address: dialled.address, name: hostPort(dialled.address, target.port), host };
  const { socket: raw } = dialled;
  if (spec.starttls !== 'none') {
    const refusal = await startTls(spec.starttls, raw, peer, deadline);
    if (refusal) return failed(refusal, { phases });
  }
  let staple: Buffer | null = null;
  const onStaple = (response: Buffer) => {
    staple = response;
  };
  const terms = { verify: false, wantsChain: true, ...(spec.ocsp !== 'ignored' && { onStaple }) };
  const secured = await secure(raw, peer, terms, deadline);
  if (secured instanceof Failure) return failed(secured, { phases });
  phases.tlsUs = secured.tlsUs;
  phases.totalUs = deadline.elapsedUs();

  const measurement = judge(secured.socket, host, staple, spec, phases);
  secured.socket.on('error', () => {}).destroy();
  return measurement;
};

/** The first fault, the gravest kinds first; whatever it is, the certificate is told. */
function judge(
  socket: TLSSocket,
  host: string,
  staple: Buffer | null,
  spec: TlsSpec,
  phases: Phases,
): Measurement {
  const now = Date.now();
  const rttUs = (phases.totalUs ?? 0) - (phases.dnsUs ?? 0);
  const chain = chainOf(socket);
  const leaf = chain[0];
  if (!leaf)
    return failed(new Failure('tls.untrusted', `${host} shows no certificate`), { phases });
  const certificate = readCertificate(leaf);
  const revocation = judgeStaple(staple, leaf, chain[1], host, spec.ocsp, now);
  const rest = {
    phases,
    metrics: [expiryMetric(certificate, now)],
    detail: `${describe(certificate, socket, now)}\nOCSP: ${revocation.words}`,
  };
  const fault =
    distrust(socket, leaf, host, spec) ??
    revocation.failure ??
    pinFailure(leaf, spec.pins, host) ??
    oldProtocol(socket, spec, host);
  if (fault) return failed(fault, { rttUs, level: ERROR, ...rest });

  const endings = chain
    .filter((each, index) => index === 0 || each.subject !== each.issuer)
    .flatMap((each, index) => {
      const facts = readCertificate(each);
      const whose = index === 0 ? host : `"${facts.subject}" in the chain of ${host}`;
      return expiryOf(facts, whose, spec, now) ?? [];
    });
  const ending = endings.find(({ severity }) => severity === 'critical') ?? endings[0];
  if (!ending) return answered(rttUs, spec, rest);
  const level = ending.severity === 'critical' ? CRITICAL : WARNING;
  return failed(ending.failure, { rttUs, level, ...rest });
}

function distrust(
  socket: TLSSocket,
  leaf: X509Certificate,
  host: string,
  { verifyChain, verifyName }: TlsSpec,
): Failure | null {
  const first = distrustOf(socket, host);
  if (first && (first.code === 'tls.hostname' ? verifyName : verifyChain)) return first;
  // A fault of the chain hides one of the name.
  if (!verifyName || verifyChain) return null;
  const fits = isIP(host) ? leaf.checkIP(host) : leaf.checkHost(host);
  return fits ? null : wrongName(readCertificate(leaf), host);
}

function oldProtocol(socket: TLSSocket, { minProtocol }: TlsSpec, host: string): Failure | null {
  const protocol = socket.getProtocol() ?? '';
  if (protocol >= minProtocol) return null;
  return new Failure('tls.protocol', `${host} speaks ${protocol}, not ${minProtocol}`);
}
