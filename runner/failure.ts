// What the operating system said, in the words of core/reason.ts.
import { networkInterfaces } from 'node:os';
import { isIPv6 } from '#core/checks/kind.ts';
import { humanRtt } from '#core/duration.ts';
import type { ReasonCode } from '#core/reason.ts';

/** Why a part of a probe ended without what it was after: a value to return, never thrown. */
export class Failure {
  readonly code: ReasonCode;
  readonly text: string;

  constructor(code: ReasonCode, text: string) {
    this.code = code;
    this.text = text;
  }
}

const EXHAUSTED = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS', 'EAGAIN']);
const UNREACHABLE = new Set([
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ENETDOWN',
  'EHOSTDOWN',
  'EADDRNOTAVAIL',
  'EAFNOSUPPORT',
]);

/** True when the error means that the runner itself is out of descriptors, memory or processes. */
export function isExhausted(error: unknown): boolean {
  return EXHAUSTED.has(codeOf(error));
}

/** The system's code of an error ("ECONNREFUSED"), or "". */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}

/** The error's own words. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** An error of connecting to or talking with `address`; `peer` is how people read it. */
export function socketFailure(
  error: unknown,
  peer: { address: string; name: string },
  afterUs: number,
): Failure {
  const code = codeOf(error);
  const after = `after ${humanRtt(afterUs)}`;
  if (code === 'ECONNREFUSED') {
    return new Failure('connect.refused', `connection refused by ${peer.name} ${after}`);
  }
  if (code === 'ECONNRESET' || code === 'EPIPE') {
    return new Failure('connect.reset', `connection reset by ${peer.name} ${after}`);
  }
  if (code === 'ETIMEDOUT') {
    return new Failure('connect.timeout', `no answer from ${peer.name} ${after}`);
  }
  if (UNREACHABLE.has(code)) return unreachable(code, peer);
  if (isExhausted(error)) return exhausted(error);
  return new Failure('connect.failed', `${peer.name}: ${messageOf(error)}`);
}

/** No way to the address: the target's trouble, unless this machine has no part in that address family at all. */
export function unreachable(code: string, peer: { address: string; name: string }): Failure {
  if (code !== 'EHOSTUNREACH' && code !== 'EHOSTDOWN' && lacksFamilyOf(peer.address)) {
    const family = isIPv6(peer.address) ? 'IPv6' : 'IPv4';
    return new Failure('unable.family', `no ${family} on this runner to reach ${peer.name} with`);
  }
  if (code === 'EADDRNOTAVAIL') {
    return new Failure('unable.resources', `no free local port to reach ${peer.name} from`);
  }
  return new Failure('connect.unreachable', `no route to ${peer.name} (${code})`);
}

/** The runner ran out of something. */
export function exhausted(error: unknown): Failure {
  return new Failure('unable.resources', `${codeOf(error)}: ${messageOf(error)}`);
}

/** True when this machine has no address from which the given one could be reached. */
export function lacksFamilyOf(address: string): boolean {
  const target = address.toLowerCase();
  const sources = outwardAddresses(isIPv6(target) ? 'IPv6' : 'IPv4');
  if (isGlobalIPv6(target)) return !sources.some(isGlobalIPv6);
  return sources.length === 0 && !/^(127\.|::1$)/.test(target);
}

/** The machine's own addresses of a family that reach beyond itself and its link. */
export function outwardAddresses(family: 'IPv4' | 'IPv6'): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter((entry) => entry.family === family && !entry.internal)
    .map((entry) => entry.address.toLowerCase())
    .filter((address) => !/^fe[89ab]/.test(address));
}

function isGlobalIPv6(address: string): boolean {
  return isIPv6(address) && /^[23]/.test(address);
}
