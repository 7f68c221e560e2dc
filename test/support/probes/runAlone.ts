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
const run = promisify(execFile);

/** What a name server says of a name: its addresses (of IPv6 only ::1), or how it fails. "" is the root. */
export type Names = Record<string, string[] | 'missing' | 'broken' | 'silent' | 'empty'>;

export interface Order {
  configs: AssignedCheck['config'][];
  timeoutMs?: number;
  probesFolder?: string | null;
  listen?: Array<{ host: string; port: number }>;
  names?: Names;
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
