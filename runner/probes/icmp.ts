import type { IcmpSpec } from '#core/checks/icmp.ts';
import { CRITICAL, type Level, WARNING } from '#core/level.ts';
import type { Measurement, Metric } from '#core/reading.ts';
import { Deadline } from '../deadline.ts';
import { Failure, isExhausted, lacksFamilyOf, unreachable } from '../failure.ts';
import type { Echoes } from '../icmp/ping.ts';
import { type IcmpWay, icmpWay } from '../icmp/way.ts';
import { type Address, type Resolved, resolve } from '../net/resolve.ts';
import type { Probe } from '../probe.ts';
import { answered, failed } from './answer.ts';

const USUAL_GAP_MS = 200;
/** Info on the scale: it answers, but not always. */
const LOSS_LEVEL = 150;

/** Pings every address of the target; any reply is up, the lowest time is the RTT, unless all must answer. */
export const icmp: Probe<'icmp'> = (spec, context) => {
  const deadline = new Deadline(context.timeoutMs);
  const resolved = resolve(spec.target, spec.family, deadline);
  // To await what is there already would cost as much as to ping it.
  return resolved instanceof Promise
    ? resolved.then((found) => pingAll(found, spec, deadline))
    : pingAll(resolved, spec, deadline);
};

function pingAll(
  resolved: Resolved | Failure,
  spec: IcmpSpec,
  deadline: Deadline,
): Promise<Measurement> {
  if (resolved instanceof Failure) return Promise.resolve(failed(resolved));
  const way = icmpWay();
  return way instanceof Promise
    ? way.then((found) => pingBy(found, resolved, spec, deadline))
    : pingBy(way, resolved, spec, deadline);
}

function pingBy(
  way: IcmpWay | string,
  { addresses, dnsUs }: Resolved,
  spec: IcmpSpec,
  deadline: Deadline,
): Promise<Measurement> {
  if (typeof way === 'string') {
    return Promise.resolve(failed(new Failure('unable.icmp', way)));
  }
  const timeoutMs = deadline.leftMs();
  const order = {
    addresses: addresses.map(answerable),
    count: spec.count,
    gapMs: gapOf(spec, timeoutMs),
    timeoutMs,
    size: spec.size,
    dontFragment: spec.dontFragment,
  };
  return way.ping(order).then((echoes) => {
    const measured = judge(echoes, spec, deadline);
    return dnsUs === undefined ? measured : { ...measured, phases: { dnsUs } };
  });
}

/** The gap that is wished for, as far as the last request then still has time to be answered. */
function gapOf({ gap, count }: IcmpSpec, timeoutMs: number): number {
  if (gap === undefined) return Math.min(USUAL_GAP_MS, timeoutMs / (2 * count));
  return Math.min(gap, (0.8 * timeoutMs) / Math.max(1, count - 1));
}

/** The unspecified address means this machine, which answers as loopback. */
function answerable(target: Address): Address {
  if (target.address === '0.0.0.0') return { address: '127.0.0.1', family: 4 };
  return target.address === '::' ? { address: '::1', family: 6 } : target;
}

function judge(echoes: readonly Echoes[], spec: IcmpSpec, deadline: Deadline): Measurement {
  const best = echoes.reduce(nearer, null);
  if (!best) return failed(silence(echoes, deadline), metrics(echoes[0], spec));
  if (spec.addresses === 'any') return rate(best, spec);
  const mute = echoes
    .filter(({ rttUs }) => rttUs === null)
    .map((each) => failureOf(each, deadline));
  // Of a family that the runner has no part in, nothing can be said.
  const failure = mute.find(({ code }) => !code.startsWith('unable.'));
  if (failure) return failed(failure, metrics({ ...best, received: 0 }, spec));
  const answering = echoes.filter(({ rttUs }) => rttUs !== null);
  return answering.map((each) => rate(each, spec)).reduce(worse);
}

/** Null while none has answered. */
function nearer(best: Echoes | null, each: Echoes): Echoes | null {
  if (each.rttUs === null) return best;
  return best === null || each.rttUs < (best.rttUs ?? Infinity) ? each : best;
}

function worse(a: Measurement, b: Measurement): Measurement {
  const [levelA, levelB] = [a.level ?? 0, b.level ?? 0];
  if (levelA !== levelB) return levelA > levelB ? a : b;
  return (a.rttUs ?? 0) > (b.rttUs ?? 0) ? a : b;
}

/** What one address that answered is worth. */
function rate(echoes: Echoes, spec: IcmpSpec): Measurement {
  const { sent, received, address, rttUs } = echoes;
  const measurement = answered(rttUs ?? 0, spec, metrics(echoes, spec));
  if (received === sent) return measurement;
  const level = lossLevel(lossOf(echoes), spec);
  if (level < (measurement.level ?? 0)) return measurement;
  const text = `${sent - received} of ${sent} replies from ${address} lost`;
  return { ...measurement, level, code: 'icmp.loss', text };
}

function lossLevel(percent: number, { degradedLoss, downLoss }: IcmpSpec): Level {
  if (downLoss !== undefined && percent >= downLoss) return CRITICAL;
  return degradedLoss !== undefined && percent >= degradedLoss ? WARNING : LOSS_LEVEL;
}

/** Percent, one decimal. */
function lossOf({ sent, received }: Echoes): number {
  return sent === 0 ? 0 : Math.round((1000 * (sent - received)) / sent) / 10;
}

/** Loss is worth a number only where several requests were sent. */
function metrics(echoes: Echoes | undefined, { count }: IcmpSpec): { metrics?: Metric[] } {
  if (!echoes || count === 1 || echoes.sent === 0) return {};
  const found: Metric[] = [{ name: 'loss', value: lossOf(echoes), unit: '%' }];
  if (echoes.jitterUs !== null) {
    found.push({ name: 'jitter', value: echoes.jitterUs / 1000, unit: 'ms' });
  }
  return { metrics: found };
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
  if (error === 'EMSGSIZE') {
    const text = `requests of that size do not pass whole on the way to ${address}`;
    return new Failure('icmp.too_big', text);
  }
  if (error === 'EOPNOTSUPP') {
    const text = 'the program that pings here knows no such size or "don\'t fragment"';
    return new Failure('unable.icmp_option', text);
  }
  if (isExhausted({ code: error })) {
    return new Failure('unable.resources', `no echo request could be sent (${error})`);
  }
  if (error === 'EPERM' || error === 'EACCES') {
    return new Failure('connect.failed', `sending to ${address} is not permitted (${error})`);
  }
  return unreachable(error, { address, name: address });
}
