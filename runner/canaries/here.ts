import type { RunnerPlatform } from '../platform.ts';
import { gatewayCanaries } from './gateway.ts';
import { type HostPort, outsideCanary } from './outside.ts';
import { resolverCanaries } from './resolvers.ts';

/**
 * The canaries of this machine: its default gateway, its resolvers, and what is named; without names the worker's own
 * address. Looked up anew for each round, since networks change.
 */
export function canariesHere(
  named: readonly HostPort[] | null,
  workerUrl: string,
): NonNullable<RunnerPlatform['canaries']> {
  const outside =
    named === null
      ? [outsideCanary('worker', placeOf(workerUrl))]
      : named.map((place) => outsideCanary('outside', place));
  return async () => {
    const [gateways, resolvers] = await Promise.all([gatewayCanaries(), resolverCanaries()]);
    return [...gateways, ...resolvers, ...outside];
  };
}

function placeOf(url: string): HostPort {
  const { hostname, port, protocol } = new URL(url);
  const usual = protocol === 'https:' ? 443 : 80;
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? usual : Number(port) };
}
