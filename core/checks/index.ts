// The registry of kinds. A new kind is its file and one line here: among those that runners answer (and one in
// runner/probes/index.ts), or among those that the worker answers itself (and one in worker/answers/index.ts).
import * as z from 'zod';
import { dns } from './dns.ts';
import { file } from './file.ts';
import { group } from './group.ts';
import { heartbeat } from './heartbeat.ts';
import { http } from './http.ts';
import { icmp } from './icmp.ts';
import { type CheckKind, isIPv4, isIPv6, type WorkerCheckKind } from './kind.ts';
import { log } from './log.ts';
import { machine } from './machine.ts';
import { manual } from './manual.ts';
import { processes } from './processes.ts';
import { report } from './report.ts';
import { script } from './script.ts';
import { service } from './service.ts';
import { tcp } from './tcp.ts';
import { tls } from './tls.ts';

/** Measured by runners: each has its line in runner/probes/index.ts. */
export const RUNNER_KINDS = {
  http,
  tcp,
  icmp,
  dns,
  tls,
  script,
  machine,
  process: processes,
  service,
  file,
  log,
  report,
} as const;

/** Answered by the worker itself, never assigned to a runner: each has its line in worker/answers/index.ts. */
export const WORKER_KINDS = { heartbeat, group, manual } as const;

export const KINDS = { ...RUNNER_KINDS, ...WORKER_KINDS } as const;

export type RunnerKind = keyof typeof RUNNER_KINDS;
export type WorkerKind = keyof typeof WORKER_KINDS;
export type Kind = RunnerKind | WorkerKind;

/** The parsed fields of one kind, `target` among them. */
export type SpecOf<K extends Kind> = (typeof KINDS)[K] extends CheckKind<infer Spec> ? Spec : never;

/** A kind with its own fields, as stored and as sent to runners. */
export type CheckSpec = { [K in Kind]: { kind: K; invert?: boolean } & SpecOf<K> }[Kind];

/** What a runner is sent. */
export type ProbeSpec = {
  [K in RunnerKind]: { kind: K; invert?: boolean } & SpecOf<K>;
}[RunnerKind];

export const KIND_NAMES = Object.keys(KINDS) as Kind[];
export const RUNNER_KIND_NAMES = Object.keys(RUNNER_KINDS) as RunnerKind[];
export const WORKER_KIND_NAMES = Object.keys(WORKER_KINDS) as WorkerKind[];

export function isKind(value: unknown): value is Kind {
  return typeof value === 'string' && Object.hasOwn(KINDS, value);
}

export function isWorkerKind(kind: string): kind is WorkerKind {
  return Object.hasOwn(WORKER_KINDS, kind);
}

/** The definition of a kind that the worker answers; null for one that runners answer. */
export function workerKindOf(kind: string): WorkerCheckKind<never> | null {
  return isWorkerKind(kind) ? (WORKER_KINDS[kind] as unknown as WorkerCheckKind<never>) : null;
}

/** A target as people read it beside its kind: what the worker answers itself has only a name. */
export function shownTarget(kind: string, target: string): string {
  return isWorkerKind(kind) && target.startsWith(`${kind}:`)
    ? target.slice(kind.length + 1)
    : target;
}

/** The definition of a kind, for code that serves all kinds alike. */
export function kindOf(kind: Kind): CheckKind<never> & CheckKind<unknown> {
  return KINDS[kind] as unknown as CheckKind<never> & CheckKind<unknown>;
}

/** The kind and canonical target a person most likely means by `text`; null when it is none. */
export function inferTarget(text: string): { kind: Kind; target: string } | null {
  const trimmed = text.trim();
  const scheme = /^([a-z]+):(?:\/\/|(?=[A-Za-z]))/i.exec(trimmed)?.[1]?.toLowerCase();
  const order: Kind[] = scheme && isKind(scheme) ? [scheme] : KIND_NAMES;
  for (const kind of order) {
    const target = KINDS[kind].infer(trimmed);
    if (target !== null) return { kind, target };
  }
  return null;
}

/** A check as people write it and as it is stored and sent: JSON, durations as strings. */
export type CheckConfig = { kind: Kind; target: string } & Record<string, unknown>;

/** What a check takes of a core, in plain probes (core/checks/kind.ts). */
export function weightOf({ kind, ...written }: { kind: string; target: string }): number {
  return (isKind(kind) ? kindOf(kind).weight?.(written) : undefined) ?? 1;
}

/** Parses a config as a runner gets it; fields it does not know are left out (a newer worker may send more). */
export const checkSpecSchema = z
  .looseObject({ kind: z.enum(RUNNER_KIND_NAMES as [RunnerKind, ...RunnerKind[]]) })
  .transform((input, context): ProbeSpec => {
    const { kind, ...fields } = input;
    const parsed = KINDS[kind].schema.safeParse(fields);
    if (!parsed.success) {
      for (const issue of parsed.error.issues) {
        context.addIssue({ code: 'custom', message: issue.message, path: issue.path });
      }
      return z.NEVER;
    }
    const inverted = input.invert === true ? { invert: true } : {};
    return { kind, ...parsed.data, ...inverted } as ProbeSpec;
  });

/** Loopback, link-local and unspecified targets mean a different machine on every runner, so they are pinned to one by default. */
export function isOwnMachine(spec: CheckSpec): boolean {
  const definition = kindOf(spec.kind);
  if (definition.subject === 'runner') return true;
  const address =
    definition
      .addressOf(spec as never)
      ?.toLowerCase()
      .replace(/\.$/, '') ?? '';
  if (address === 'localhost' || address.endsWith('.localhost')) return true;
  if (isIPv4(address)) return isOwnIPv4(address);
  return isIPv6(address) && isOwnIPv6(address);
}

function isOwnIPv4(address: string): boolean {
  return /^(127|0)\./.test(address) || address.startsWith('169.254.');
}

function isOwnIPv6(address: string): boolean {
  const canonical = new URL(`http://[${address.split('%')[0]}]/`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical);
  if (!mapped) return /^(::1?$|fe[89ab][0-9a-f]:)/.test(canonical);
  const bits = parseInt(mapped[1] as string, 16) * 0x1_0000 + parseInt(mapped[2] as string, 16);
  return isOwnIPv4([24, 16, 8, 0].map((shift) => (bits >>> shift) & 0xff).join('.'));
}
