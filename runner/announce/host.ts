// What a runner started with --host watches of its machine: sensible for most, and the owner changes it in Anyup.
import type { AnnouncedCheck } from '#core/wire/host.ts';
import { realMounts } from '../machine/mounts.ts';

const MOST_MOUNTS = 20;

/** That it reports at all: its silence is level 999. */
export const REPORTS: AnnouncedCheck = {
  key: 'report',
  name: 'Reports',
  config: { kind: 'report', target: 'report:runner' },
  interval: '15s',
  timeout: '5s',
};

/** The checks of this machine. */
export async function hostChecks(): Promise<AnnouncedCheck[]> {
  const mounts = (await realMounts()).slice(0, MOST_MOUNTS);
  return [
    figure('cpu', 'CPU', { degradedAbove: 90, downAbove: 98, sustained: '5m' }),
    figure('load', 'Load', { degradedAbove: 4, sustained: '5m' }),
    figure('memory', 'Memory', { degradedAbove: 90, downAbove: 97, sustained: '1m' }),
    figure('swap', 'Swap', { degradedAbove: 80, sustained: '5m' }),
    figure('network', 'Network', {}),
    figure('uptime', 'Restarted', { degradedBelow: 10 }),
    ...mounts.flatMap((mount) => [
      figure(`disk:${mount}`, `Disk ${mount}`, { degradedAbove: 85, downAbove: 95 }, '60s'),
      figure(`inodes:${mount}`, `Inodes ${mount}`, { degradedAbove: 85, downAbove: 95 }, '5m'),
    ]),
  ];
}

function figure(
  what: string,
  name: string,
  limits: Record<string, unknown>,
  interval = '20s',
): AnnouncedCheck {
  return {
    key: `host/${what}`.slice(0, 200),
    name,
    config: { kind: 'machine', target: `machine:${what}`, ...limits },
    interval,
    timeout: '5s',
  };
}
