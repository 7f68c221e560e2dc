// What the worker itself can look at, a kind a line: what is not here it cannot, and of what it cannot do for a kind that
// is here each field is named. A runtime that only has `fetch` sees no certificate and chooses no address family.
import { formatDuration } from '../duration.ts';
import { isUnreadable } from '../expect/comparison.ts';
import { parseHeaderExpectation } from '../expect/header.ts';
import { parseJsonExpectation } from '../expect/json.ts';
import type { HttpSpec } from './http.ts';
import type { SpecOf } from './index.ts';
import type { Refuse } from './kind.ts';
import type { TcpSpec } from './tcp.ts';

/** It looks by the minute, and a look has to end well within one. */
export const SHORTEST_INTERVAL_MS = 60_000;
export const LONGEST_TIMEOUT_MS = 30_000;
const MOST_BYTES = 1024 * 1024;

const PATTERN = 'is a pattern, and one that runs away would stop the worker';
const TLS = 'is nothing the worker can see or choose';

function http(spec: HttpSpec, refuse: Refuse): void {
  if (spec.bodyMatch !== undefined) refuse('bodyMatch', PATTERN);
  if (spec.bodyMatchNot !== undefined) refuse('bodyMatchNot', PATTERN);
  if (spec.headerMatch.some((text) => isPattern(parseHeaderExpectation(text))))
    refuse('headerMatch', PATTERN);
  if (spec.jsonMatch.some((text) => isPattern(parseJsonExpectation(text))))
    refuse('jsonMatch', PATTERN);
  if (!spec.verifyTls) refuse('verifyTls', 'is always done by the worker');
  for (const name of ['serverName', 'expiryDegraded', 'clientCert', 'clientKey'] as const) {
    if (spec[name] !== undefined) refuse(name, TLS);
  }
  if (spec.family !== 'any') refuse('family', TLS);
  if (spec.version === '2') refuse('version', 'is chosen by the worker');
  if (spec.proxy !== undefined) refuse('proxy', 'is nothing the worker can go by');
  if (spec.auth === 'oauth2') refuse('auth', '"oauth2" is for runners, which can keep a token');
  if (Object.keys(spec.headers).some((name) => /^host$/i.test(name)))
    refuse('headers', 'hold Host, which the worker cannot choose');
  if (spec.body !== undefined && (spec.method === 'GET' || spec.method === 'HEAD'))
    refuse('body', `does not go with ${spec.method} there`);
  if (spec.maxBytes > MOST_BYTES) refuse('maxBytes', `may be ${MOST_BYTES} at most`);
}

function isPattern(read: object): boolean {
  return !isUnreadable(read) && (read as { operator?: string }).operator === 'matches';
}

function tcp(spec: TcpSpec, refuse: Refuse): void {
  if (spec.family !== 'any') refuse('family', TLS);
  if (spec.tls !== 'none') refuse('tls', 'is for runners; the worker only connects');
  if (!spec.verifyTls) refuse('verifyTls', 'is for runners; the worker only connects');
  for (const name of ['serverName', 'send', 'expect', 'expectMatch'] as const) {
    if (spec[name] !== undefined) refuse(name, 'is for runners; the worker only connects');
  }
}

/** The registry; each has its line in worker/here/index.ts. */
export const FROM_WORKER = { http, tcp } as const;

export type WorkerLookKind = keyof typeof FROM_WORKER;

export function canLookFromWorker(kind: string): kind is WorkerLookKind {
  return Object.hasOwn(FROM_WORKER, kind);
}

export interface LookWanted {
  kind: string;
  spec: object;
  intervalMs: number;
  timeoutMs: number;
}

/** Says at each field why the worker cannot look that way. */
export function refuseFromWorker(check: LookWanted, refuse: Refuse): void {
  const { kind, spec, intervalMs, timeoutMs } = check;
  if (!canLookFromWorker(kind)) {
    const kinds = Object.keys(FROM_WORKER).join(' and ');
    refuse('kind', `"${kind}" is for runners; the worker itself looks at ${kinds} only`);
    return;
  }
  if (intervalMs < SHORTEST_INTERVAL_MS) {
    const least = formatDuration(SHORTEST_INTERVAL_MS);
    refuse('interval', `is ${formatDuration(intervalMs)}; the worker looks every ${least} at most`);
  }
  if (timeoutMs > LONGEST_TIMEOUT_MS) {
    const most = formatDuration(LONGEST_TIMEOUT_MS);
    refuse('timeout', `is ${formatDuration(timeoutMs)}; the worker waits ${most} at most`);
  }
  const look = FROM_WORKER[kind] as (spec: SpecOf<WorkerLookKind>, refuse: Refuse) => void;
  look(spec as SpecOf<WorkerLookKind>, refuse);
  for (const [name, value] of Object.entries(spec)) {
    if (/"secret:/.test(JSON.stringify(value ?? null)))
      refuse(name, 'names a secret; secrets lie on runners');
  }
}
