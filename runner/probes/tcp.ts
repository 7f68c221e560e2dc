import { splitHostPort } from '#core/checks/kind.ts';
import type { TcpSpec } from '#core/checks/tcp.ts';
import { CRITICAL, ERROR } from '#core/level.ts';
import type { Measurement, Phases } from '#core/reading.ts';
import { Deadline } from '../deadline.ts';
import { Failure } from '../failure.ts';
import { type Dialled, dial } from '../net/dial.ts';
import { hostPort } from '../net/race.ts';
import { type Address, type Resolved, resolve } from '../net/resolve.ts';
import { Talk } from '../net/talk.ts';
import type { Probe } from '../probe.ts';
import { startTls } from '../starttls/index.ts';
import { converse } from '../tcp/expect.ts';
import { knock } from '../tcp/knock.ts';
import { certificateOf, expiryMetric } from '../tls/certificate.ts';
import { secure } from '../tls/secure.ts';
import { answered, failed } from './answer.ts';

/** Connects and hangs up at once, unless the check wants to hear something first. */
export const tcp: Probe<'tcp'> = (spec, context) => {
  const deadline = new Deadline(context.timeoutMs);
  const resolved = resolve(placeOf(spec).host, spec.family, deadline);
  return resolved instanceof Promise
    ? resolved.then((found) => reach(found, spec, deadline))
    : reach(resolved, spec, deadline);
};

function reach(
  resolved: Resolved | Failure,
  spec: TcpSpec,
  deadline: Deadline,
): Promise<Measurement> {
  if (resolved instanceof Failure) return Promise.resolve(failed(resolved));
  const { addresses, dnsUs } = resolved;
  const dns = dnsUs === undefined ? {} : { dnsUs };
  if (wantsMore(spec)) return callAndHear(addresses, spec, deadline, dns);
  return knock(addresses, placeOf(spec).port, deadline).then((opened) => {
    if (opened instanceof Failure) return failed(opened, { phases: dns });
    const { connectUs } = opened;
    return answered(connectUs, spec, { phases: { ...dns, connectUs } });
  });
}

async function callAndHear(
  addresses: readonly Address[],
  spec: TcpSpec,
  deadline: Deadline,
  dns: Phases,
): Promise<Measurement> {
  const dialled = await dial(addresses, placeOf(spec).port, deadline);
  if (dialled instanceof Failure) return failed(dialled, { phases: dns });
  return hear(dialled, spec, deadline, { ...dns, connectUs: dialled.connectUs });
}

const places = new WeakMap<TcpSpec, { host: string; port: number }>();

/** The target's parts, taken apart once. */
function placeOf(spec: TcpSpec): { host: string; port: number } {
  const known = places.get(spec);
  if (known) return known;
  const place = splitHostPort(spec.target);
  if (!place) throw new Error(`"${spec.target}" is no host with a port`);
  places.set(spec, place);
  return place;
}

function wantsMore({ tls, send, expect, expectMatch }: TcpSpec): boolean {
  return tls !== 'none' || (send ?? expect ?? expectMatch) !== undefined;
}

/** TLS first, where it is wanted, then the conversation. */
async function hear(
  { socket: raw, address, connectUs }: Dialled,
  spec: TcpSpec,
  deadline: Deadline,
  phases: Phases,
): Promise<Measurement> {
  const { host, port } = placeOf(spec);
  const peer = { address, name: hostPort(address, port), host: spec.serverName ?? host };
  const rest: Pick<Measurement, 'phases' | 'metrics'> = { phases };
  let socket = raw;
  if (spec.tls !== 'none') {
    const refusal = spec.tls === 'at once' ? null : await startTls(spec.tls, raw, peer, deadline);
    if (refusal) return failed(refusal, rest);
    const secured = await secure(raw, peer, { verify: spec.verifyTls }, deadline);
    if (secured instanceof Failure) return failed(secured, rest);
    phases.tlsUs = secured.tlsUs;
    socket = secured.socket;
    const certificate = certificateOf(secured.socket);
    if (certificate) rest.metrics = [expiryMetric(certificate, Date.now())];
  }
  const talk = new Talk(socket, peer, deadline);
  const { failure, detail } = await converse(talk, spec, deadline.timeoutMs);
  talk.release();
  // What was sent shall arrive, so the end is said, not broken off.
  socket.on('error', () => {}).destroySoon();
  if (talk.firstByteUs > 0) phases.firstByteUs = talk.firstByteUs;
  phases.totalUs = deadline.elapsedUs();
  const rttUs = Math.max(connectUs, phases.totalUs - (phases.dnsUs ?? 0));
  const said = { ...rest, ...(detail && { detail }) };
  if (!failure) return answered(rttUs, spec, said);
  const answers = failure.code === 'tcp.answer';
  return failed(failure, { ...said, level: answers ? CRITICAL : ERROR, ...(answers && { rttUs }) });
}
