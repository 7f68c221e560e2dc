// From a check as it was parsed to a check as it is stored.
import {
  type CheckConfig,
  type CheckSpec,
  KINDS,
  type Kind,
  workerKindOf,
} from '#core/checks/index.ts';
import { parseCron } from '#core/cron.ts';
import { formatDuration } from '#core/duration.ts';
import { gapsOf, type Timetable } from '#core/timetable.ts';
import type { CommonFields, ParsedCheck } from './input.ts';
import type { PolicyModel } from './model.ts';

const DEFAULT_TIMEOUT_MS = 10_000;

/** A check as it was understood: ready to be stored, but for the names of locations and runners. */
export interface CheckDraft {
  kind: Kind;
  name: string;
  target: string;
  /** As stored and sent to runners: durations as text, defaults left out. */
  config: CheckConfig;
  spec: CheckSpec;
  /** Beside a timetable the longest time between two of its due times. */
  intervalMs: number;
  schedule: Timetable | null;
  timeoutMs: number;
  retryAfterMs: number;
  failures: number;
  successes: number;
  policy: PolicyModel;
  locations: 'all' | string[] | { tags: string[] };
  runner: string | number | null;
  paused: boolean;
  tags: string[];
}

/** From a parsed check to a draft. */
export function draftOf(parsed: ParsedCheck): CheckDraft {
  const given = parsed as unknown as CommonFields & { kind: Kind };
  const { kind, interval, timeout, retryAfter } = given;
  const spec = { kind } as Record<string, unknown>;
  for (const field of Object.keys(KINDS[kind].fields.shape)) {
    spec[field] = (parsed as Record<string, unknown>)[field];
  }
  const config = configOf(kind, spec);
  if (given.invert) config.invert = true;
  // What the worker answers itself has a pace of its own, and is sure of what it says.
  const pace = workerKindOf(kind)?.pace(spec as never);
  return {
    kind,
    config,
    spec: spec as unknown as CheckSpec,
    name: given.name,
    target: config.target,
    ...(pace ? { intervalMs: pace.intervalMs, schedule: null } : timesOf(given)),
    timeoutMs: pace?.timeoutMs ?? timeout ?? Math.min(DEFAULT_TIMEOUT_MS, interval),
    retryAfterMs: retryAfter,
    failures: pace ? 1 : given.failures,
    successes: pace ? 1 : given.successes,
    policy: given.policy,
    locations: given.locations,
    runner: given.runner,
    paused: given.paused,
    tags: given.tags,
  };
}

function timesOf({ interval, cron, zone }: CommonFields) {
  const read = cron === undefined ? null : parseCron(cron);
  if (cron === undefined || read === null || typeof read === 'string') {
    return { intervalMs: interval, schedule: null };
  }
  const { longestMs = interval } = gapsOf(read, zone) ?? {};
  return { intervalMs: longestMs, schedule: { cron, zone } };
}

/** The one spelling of a kind's fields, so that two configs can be compared as text. */
function configOf(kind: Kind, spec: Readonly<Record<string, unknown>>): CheckConfig {
  const { fields } = KINDS[kind];
  const target = String(spec.target);
  const config: CheckConfig = { kind, target };
  for (const [name, field] of Object.entries(fields.shape)) {
    const value = spec[name];
    if (name === 'target' || value === undefined) continue;
    const usual = field.safeParse(undefined).data;
    if (JSON.stringify(value) === JSON.stringify(usual)) continue;
    // A number that its own field does not take is a duration in milliseconds.
    const isDuration = typeof value === 'number' && !field.safeParse(value).success;
    config[name] = isDuration ? formatDuration(value) : value;
  }
  return config;
}
