import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { AssignedCheck } from '#core/wire/assignments.ts';
import type { Capabilities } from '#core/wire/enroll.ts';
import type { Probed } from '#runner/probe.ts';
import type { CrowdOrder, CrowdOutcome } from './crowd.ts';

const ALONE = fileURLToPath(new URL('alone.ts', import.meta.url));
const CROWD = fileURLToPath(new URL('crowd.ts', import.meta.url));
const ROUTES = fileURLToPath(new URL('routes.ts', import.meta.url));
const run = promisify(execFile);

/** What a name server says of a name: its addresses (of IPv6 only ::1; `silent6`: nothing at all), or how it fails. "" is the root. */
export type Names = Record<string, string[] | 'missing' | 'broken' | 'silent' | 'empty'>;

export interface Order {
  configs: AssignedCheck['config'][];
  /** Not one after the other. */
  atOnce?: boolean;
  timeoutMs?: number;
  probesFolder?: string | null;
  listen?: Array<{ host: string; port: number }>;
  names?: Names;
  /** An address where a name server swallows what it is asked. */
  deafNameServer?: string;
  /** How long the name server thinks. */
  namesTakeMs?: number;
  /** Networks that the runner's file denies. */
  deny?: string[];
  /** Use up all file descriptors before probing. */
  hogsDescriptors?: boolean;
  /** Also tell what the runner finds it can do. */
  asksCapabilities?: boolean;
}

export interface Outcome {
  probed: Probed[];
  able: Capabilities | null;
  /** How often it lay down to wait meanwhile, all threads together. */
  slept: number;
}

/** Measures in a process with this environment added. */
export async function probeInProcess(
  order: Order,
  environment: Record<string, string>,
): Promise<Outcome> {
  const { stdout } = await run(process.execPath, [ALONE, JSON.stringify(order)], {
    env: { ...process.env, ...environment },
    timeout: 30_000,
  });
  return JSON.parse(stdout);
}

/** Measures in a network of its own that has nothing but loopback; shell lines in `setup` run there first. */
export function probeInOwnNetwork(order: Order, setup: string[] = []): Promise<Outcome> {
  return runInOwnNetwork(ALONE, order, setup);
}

/** Runs a crowd of checks in a network of its own; `descriptors` is how many files it may have open. */
export function crowdInOwnNetwork(order: CrowdOrder, descriptors: number): Promise<CrowdOutcome> {
  return runInOwnNetwork(CROWD, order, [`ulimit -n ${descriptors}`]);
}

export interface RouteOrder {
  addresses: string[];
}

/**
 * Looks at the ways from a network of its own to a router (10.9.1.2), to what lies two hops away (10.9.2.2), and on to
 * 10.9.3.1, which the second hop knows no way to. The same in IPv6 under fd09.
 */
export function routesInOwnNetwork(
  order: RouteOrder,
  setup: string[] = [],
): Promise<Array<Array<string | null> | null>> {
  const link = (from: string, to: string, n: number) => [
    `ip ${from} link add v${n} type veth peer name p${n} netns ${to}`,
    `ip ${from} addr add 10.9.${n}.1/24 dev v${n}`,
    `ip ${from} addr add fd09:${n}::1/64 dev v${n} nodad`,
    `ip -n ${to} addr add 10.9.${n}.2/24 dev p${n}`,
    `ip -n ${to} addr add fd09:${n}::2/64 dev p${n} nodad`,
    `ip ${from} link set v${n} up`,
    `ip -n ${to} link set p${n} up`,
  ];
  const forwards = (name: string) =>
    `ip netns exec ${name} sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding'`;
  return runInOwnNetwork(ROUTES, order, [
    // So that nothing of it is left where others could see it.
    'mount -t tmpfs none /run',
    'ip netns add near',
    'ip netns add far',
    ...link('', 'near', 1),
    ...link('-n near', 'far', 2),
    ...['near', 'far'].map(forwards),
    'ip route add default via 10.9.1.2',
    'ip -6 route add default via fd09:1::2',
    'ip -n near route add default via 10.9.2.2',
    'ip -n near -6 route add default via fd09:2::2',
    'ip -n far route add default via 10.9.2.1',
    'ip -n far -6 route add default via fd09:2::1',
    ...setup,
  ]);
}

async function runInOwnNetwork<T>(program: string, order: object, setup: string[]): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'anyup-network-'));
  try {
    writeFileSync(
      join(folder, 'resolv.conf'),
      'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n',
    );
    const script = [
      'set -e',
      'mount -t sysfs none /sys',
      'echo 0x9 > /sys/class/net/lo/flags',
      'mount --bind "$1/resolv.conf" /etc/resolv.conf',
      ...setup,
      'exec "$2" "$3" "$4"',
    ].join('\n');
    const { stdout } = await run(
      'unshare',
      [
        ...(process.getuid?.() === 0 ? [] : ['--map-root-user']),
        ...['--net', '--mount', 'sh', '-c', script, 'sh'],
        ...[folder, process.execPath, program, JSON.stringify(order)],
      ],
      { timeout: 90_000 },
    );
    return JSON.parse(stdout);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
