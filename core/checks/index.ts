// The registry of kinds. A new kind is its file and one line here (and one in runner/probes/index.ts).
import * as z from 'zod';
import { dns } from './dns.ts';
import { file } from './file.ts';
import { http } from './http.ts';
import { icmp } from './icmp.ts';
import { type CheckKind, isIPv4, isIPv6 } from './kind.ts';
import { log } from './log.ts';
import { machine } from './machine.ts';
import { processes } from './processes.ts';
import { report } from './report.ts';
import { script } from './script.ts';
import { service } from './service.ts';
import { tcp } from './tcp.ts';
import { tls } from './tls.ts';

export const KINDS = {
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

export type Kind = keyof typeof KINDS;

/** The parsed fields of one kind, `target` among them. */
export type SpecOf<K extends Kind> = (typeof KINDS)[K] extends CheckKind<infer Spec> ? Spec : never;

/** A kind with its own fields, as stored and as sent to runners. */
export type CheckSpec = { [K in Kind]: { kind: K; invert?: boolean } & SpecOf<K> }[Kind];

export const KIND_NAMES = Object.keys(KINDS) as Kind[];

export function isKind(value: unknown): value is Kind {
  return typeof value === 'string' && Object.hasOwn(KINDS, value);
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

/** Parses a stored or received config; fields it does not know are left out (a newer worker may send more). */
export const checkSpecSchema = z
  .looseObject({ kind: z.enum(KIND_NAMES as [Kind, ...Kind[]]) })
  .transform((input, context): CheckSpec => {
    const { kind, ...fields } = input;
    const parsed = KINDS[kind].schema.safeParse(fields);
    if (!parsed.success) {
      for (const issue of parsed.error.issues) {
        context.addIssue({ code: 'custom', message: issue.message, path: issue.path });
      }
      return z.NEVER;
    }
    const inverted = input.invert === true ? { invert: true } : {};
    return { kind, ...parsed.data, ...inverted } as CheckSpec;
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
