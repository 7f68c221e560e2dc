import type { IcmpSpec } from '#core/checks/icmp.ts';
import type { Metric } from '#core/reading.ts';
import { Deadline } from '../deadline.ts';
import { Failure, isExhausted, lacksFamilyOf, unreachable } from '../failure.ts';
import type { Echoes } from '../icmp/ping.ts';
import { icmpWay } from '../icmp/way.ts';
import { type Address, resolve } from '../net/resolve.ts';
import type { Probe } from '../probe.ts';
import { answered, failed } from './answer.ts';

const MAX_GAP_MS = 200;
/** Info on the scale: it answers, but not always. */
const LOSS_LEVEL = 150;

/** Pings every address of the target; any reply is up, the lowest time is the RTT. */
export const icmp: Probe<'icmp'> = async (spec, context) => {
  const deadline = new Deadline(context.timeoutMs);
  const resolved = await resolve(spec.target, spec.family, deadline);
  if (resolved instanceof Failure) return failed(resolved);
  const way = await icmpWay();
  if (typeof way === 'string') return failed(new Failure('unable.icmp', way));

  const timeoutMs = deadline.leftMs();
  const echoes = await way.ping({
    addresses: resolved.addresses.map(answerable),
    count: spec.count,
    gapMs: Math.min(MAX_GAP_MS, timeoutMs / (2 * spec.count)),
    timeoutMs,
  });
  const phases = resolved.dnsUs === undefined ? {} : { phases: { dnsUs: resolved.dnsUs } };
  return { ...judge(echoes, spec, deadline), ...phases };
};

/** The unspecified address means this machine, which answers as loopback. */
function answerable(target: Address): Address {
  if (target.address === '0.0.0.0') return { address: '127.0.0.1', family: 4 };
  return target.address === '::' ? { address: '::1', family: 6 } : target;
}

function judge(echoes: readonly Echoes[], spec: IcmpSpec, deadline: Deadline) {
  const best = lowest(echoes);
  if (best?.rttUs == null) return failed(silence(echoes, deadline), metrics(echoes[0], spec));
  const measurement = answered(best.rttUs, spec, metrics(best, spec));
  if (measurement.code !== 'ok' || best.received === best.sent) return measurement;
  const text = `${best.sent - best.received} of ${best.sent} replies from ${best.address} lost`;
  return { ...measurement, level: LOSS_LEVEL, code: 'icmp.loss', text };
}

function lowest(echoes: readonly Echoes[]): Echoes | undefined {
  return echoes
    .filter(({ rttUs }) => rttUs !== null)
    .toSorted((a, b) => (a.rttUs ?? 0) - (b.rttUs ?? 0))[0];
}

/** Loss is worth a number only where several requests were sent. */
function metrics(echoes: Echoes | undefined, { count }: IcmpSpec): { metrics?: Metric[] } {
  if (!echoes || count === 1 || echoes.sent === 0) return {};
  const lost = (100 * (echoes.sent - echoes.received)) / echoes.sent;
  return { metrics: [{ name: 'loss', value: Math.round(lost * 10) / 10, unit: '%' }] };
}

/** Why nothing came: addresses that were asked speak before those that could not be. */
function silence(echoes: readonly Echoes[], deadline: Deadline): Failure {
  const failures = echoes.map((each) => failureOf(each, deadline));
  return (
    failures.find(({ code }) => !code.startsWith('unable.')) ??
    failures[0] ??
    new Failure('icmp.no_reply', 'no address to ping')
  );
}

function failureOf({ address, sent, error }: Echoes, deadline: Deadline): Failure {
  // fping keeps to itself why it could not send.
  if (error === null && lacksFamilyOf(address)) {
    return unreachable('ENETUNREACH', { address, name: address });
  }
  if (error === null) {
    const requests = sent === 1 ? 'an echo request' : `${sent} echo requests`;
    const text = `no reply from ${address} to ${requests} within ${deadline.timeoutMs} ms`;
    return new Failure('icmp.no_reply', text);
  }
  if (error === 'ECANCELED') return new Failure('unable.internal', 'the ICMP thread ended');
  if (isExhausted({ code: error })) {
    return new Failure('unable.resources', `no echo request could be sent (${error})`);
  }
  if (error === 'EPERM' || error === 'EACCES') {
    return new Failure('connect.failed', `sending to ${address} is not permitted (${error})`);
  }
  return unreachable(error, { address, name: address });
}
