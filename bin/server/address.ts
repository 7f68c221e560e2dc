// The address people and runners reach this process at when ANYUP_URL does not say.
import { hostname, networkInterfaces } from 'node:os';

/** "http://127.0.0.1:8787", or the first outside address of this machine when it listens on all. */
export function addressOf(host: string, port: number): string {
  const reachable = /^(0\.0\.0\.0|::)$/.test(host) ? outsideAddress() : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}

/** Where a process on this machine reaches it. */
export function loopbackAddressOf(host: string, port: number): string {
  if (host === '0.0.0.0') return addressOf('127.0.0.1', port);
  return addressOf(host === '::' ? '::1' : host, port);
}

function outsideAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const outside = all.find(({ internal, family }) => !internal && family === 'IPv4');
  return outside?.address ?? hostname();
}
