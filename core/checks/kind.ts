import * as z from 'zod';
import { duration } from '../duration.ts';

/** Says at a field what is wrong with it. */
export type Refuse = (field: string, message: string) => void;

/** What one kind of check is: how its target is written and what can be set. A kind is one file and one registry line. */
export interface CheckKind<Spec = unknown> {
  /** Shown in the form. */
  readonly title: string;
  /** `target`: anyone may look at it, so locations merge. `runner`: it measures the runner's own machine. */
  readonly subject: 'target' | 'runner';
  /** The kind's own fields, `target` first; durations are strings outside and milliseconds inside. */
  readonly schema: z.ZodType<Spec>;
  /** The same object schema, walked by forms and documentation. */
  readonly fields: z.ZodObject;
  /** Refuses fields that do not go together; those alone are right already. */
  agree?(spec: Spec, refuse: Refuse): void;
  /** False where "must not answer" makes no sense. */
  readonly invertible?: boolean;
  /** The target in its canonical spelling when `text` is one of this kind, else null. */
  infer(text: string): string | null;
  /** The name or address the check talks to, without port; null when it talks to none. */
  addressOf(spec: Spec): string | null;
  /** What its chart shows beside the status; absent = RTT, empty = nothing. */
  readonly charted?: string;
  /**
   * What one takes of a core, in plain probes (about 0.1 ms): by that, those that are due together are spread
   * (core/schedule.ts). `written`: its fields as people write them. Absent = 1.
   */
  weight?(written: Readonly<Record<string, unknown>>): number;
  /** How long its runner may be silent before that is a fact about the host, 999; absent = silence is never "down". */
  mustReportMs?(spec: Spec): number;
}

/** In plain probes: a ping, a TLS handshake, a figure of the machine, and the start of a process. */
export const WEIGHT = { ping: 0.6, handshake: 7, figure: 10, process: 30 };

/** The target of a kind that looks at the runner's own machine: "<scheme>:<what>", the scheme may be left out in its own form. */
export function localTarget(scheme: string, pattern: RegExp, message: string) {
  return z
    .string()
    .trim()
    .transform((text) => bareTarget(scheme, text))
    .refine((what) => pattern.test(what), { message })
    .transform((what) => `${scheme}:${what}`);
}

/** What stands behind the scheme. */
export function bareTarget(scheme: string, text: string): string {
  return text.startsWith(`${scheme}:`) ? text.slice(scheme.length + 1) : text;
}

/** The canonical spelling of a text with the scheme; null when it has another or none. */
export function inferLocal(scheme: string, pattern: RegExp): (text: string) => string | null {
  return (text) =>
    text.startsWith(`${scheme}:`) && pattern.test(bareTarget(scheme, text)) ? text : null;
}

/** A kind that the worker answers itself. */
export interface WorkerCheckKind<Spec = unknown> extends CheckKind<Spec> {
  /** How often it says at least what it holds to be true, and how long it may be late with that. */
  pace(spec: Spec): { intervalMs: number; timeoutMs: number };
  /** The field that says how often, where there is one: an interval means nothing to these kinds. */
  pacedBy?: string;
}

export const family = z
  .enum(['any', '4', '6'])
  .default('any')
  .meta({ title: 'Address family', description: 'any, IPv4 only or IPv6 only' });

export const degradedAfter = duration(1, 60_000).optional().meta({
  title: 'Degraded above',
  description: 'a slower answer counts as degraded',
  placeholder: '500ms',
});

const NAME = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*\.?$/i;

export function isIPv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
}

export function isIPv6(text: string): boolean {
  if (!text.includes(':') || !/^[0-9a-f:.]+(%[\w.-]+)?$/i.test(text)) return false;
  try {
    return new URL(`http://[${text.split('%')[0]}]/`).hostname.length > 2;
  } catch {
    return false;
  }
}

/** A DNS name or an address without brackets. All-numeric names that are no address ("1.2.3") are refused. */
export function isHost(text: string): boolean {
  if (isIPv6(text) || isIPv4(text)) return true;
  return NAME.test(text) && !/^[\d.]+$/.test(text);
}

/** Splits "name:80" or "[::1]:80"; null when it is not a host with a port. */
export function splitHostPort(text: string): { host: string; port: number } | null {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  if (!match) return null;
  const host = match[1] ?? match[2] ?? '';
  const port = Number(match[3]);
  if (port < 1 || port > 65_535) return null;
  if (match[1] !== undefined ? !isIPv6(host) : !isHost(host)) return null;
  return { host, port };
}
