// The resolvers this machine uses, asked for the root as runner/net does.
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { serversIn } from '../net/nameSystem.ts';
import { answersForRoot } from '../net/resolver.ts';
import type { Canary } from './canary.ts';
import { isOfThisSite } from './site.ts';

const SETTINGS = '/etc/resolv.conf';
/** Where systemd-resolved, which listens on this machine itself, keeps the real ones. */
const BEHIND = '/run/systemd/resolve/resolv.conf';
const MOST = 2;

export async function resolverCanaries(): Promise<Canary[]> {
  const named = resolversOf(await readFile(SETTINGS, 'utf8').catch(() => ''));
  const servers =
    named.length > 0 ? named : resolversOf(await readFile(BEHIND, 'utf8').catch(() => ''));
  return servers.slice(0, MOST).map((server) => ({
    name: `resolver ${server}`,
    far: !isOfThisSite(server),
    ask: (timeoutMs) => answersForRoot(timeoutMs, server),
  }));
}

/** The nameservers in a resolv.conf that are not this machine: those answer whatever becomes of the network. */
export function resolversOf(text: string): string[] {
  return serversIn(text).filter(
    (server) =>
      isIP(server) !== 0 && !server.includes('%') && !server.startsWith('127.') && server !== '::1',
  );
}
