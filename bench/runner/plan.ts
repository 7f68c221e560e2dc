// What is measured, and where the checks of one client point.
import { type CheckConfig, weightOf } from '#core/checks/index.ts';
import { layOf, offsetMs, type Place } from '#core/schedule.ts';

export const KINDS = ['icmp', 'tcp', 'http', 'https', 'script'] as const;
export type Kind = (typeof KINDS)[number];

export const INTERVAL_MS = 20_000;
/** Connections to one address and port wait in TIME_WAIT for a minute: 10,000 checks need more than one. */
export const ADDRESSES = 50;

/** The address of the check at an index: a few that listen, or one each where the kernel answers. */
export function addressOf(kind: Kind, index: number): string {
  if (kind === 'icmp') return `127.${1 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`;
  return `127.0.1.${1 + (index % ADDRESSES)}`;
}

/** Who resolves the names of checks. */
export const NAME_SERVER = '127.0.0.53';

export function nameOf(kind: Kind, index: number): string {
  return `c${index}.${kind}.bench.test`;
}

/** The address of such a name; null of any other. */
export function addressOfName(name: string): string | null {
  const [, index, kind] = /^c(\d+)\.(\w+)\.bench\.test$/.exec(name) ?? [];
  return kind === undefined ? null : addressOf(kind as Kind, Number(index));
}

/** Where `far` (far.c) carries the packets: the round trip of a check's address, µs; from a tenth of the mean to nearly twice as much. */
export function awayUs(kind: Kind, index: number, meanMs: number): number {
  const last = Number(addressOf(kind, index).split('.')[3]);
  return meanMs * 10 * (10 + Math.floor((((last * 2) % 100) * 19) / 10));
}

/** The same check as the runner is told it. */
export function configOf(kind: Kind, index: number, port: number, named = false): CheckConfig {
  const host = named ? nameOf(kind, index) : addressOf(kind, index);
  const configs: Record<Kind, object> = {
    icmp: { kind: 'icmp', target: host },
    tcp: { kind: 'tcp', target: `${host}:${port}` },
    http: { kind: 'http', target: `http://${host}:${port}/${index}` },
    https: { kind: 'http', target: `https://${host}:${port}/${index}`, serverName: 'localhost' },
    script: { kind: 'script', target: 'script:bench' },
  };
  return configs[kind] as CheckConfig;
}

/** As many checks as the worker puts into one. */
const SHARD = 1000;

/** Where the check at an index stands. */
export function placeOf(index: number): Place {
  return { shard: Math.floor(index / SHARD), position: index };
}

/** Of so many checks of a kind what is due in each second of the interval, as the agenda has it. */
export function slotWeights(kind: Kind, checks: number, intervalMs = INTERVAL_MS): number[] {
  const each = weightOf(configOf(kind, 0, 1));
  const weights = new Array<number>(intervalMs / 1000).fill(0);
  for (let index = 0; index < checks; index++) {
    const { shard, position } = placeOf(index);
    const second = offsetMs(position, intervalMs, layOf(shard)) / 1000;
    weights[second] = (weights[second] ?? 0) + each;
  }
  return weights;
}
