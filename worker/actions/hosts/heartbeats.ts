// What only those may see who may change a host: where its jobs call, and what they sent. It is no part of the host as it
// is read for audit rows.
import { readHeartbeats } from '#worker/answers/addresses.ts';
import { isCalled } from '#worker/answers/index.ts';
import type { Platform } from '#worker/platform.ts';
import type { HostModel } from './model.ts';

/** The same hosts, with their heartbeats where they have any. */
export async function withHeartbeats(
  platform: Platform,
  hosts: readonly HostModel[],
): Promise<HostModel[]> {
  if (!hosts.some(hasHeartbeat)) return [...hosts];
  const all = await readHeartbeats(platform, hosts.length === 1 ? hosts[0]?.id : undefined);
  return hosts.map((host) => {
    if (!hasHeartbeat(host)) return host;
    const own = all.filter(({ hostId }) => hostId === host.id);
    return { ...host, heartbeats: own.map(({ hostId: _, ...each }) => each) };
  });
}

function hasHeartbeat({ checks }: HostModel): boolean {
  return checks.some(({ kind }) => isCalled(kind));
}
