import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { sightOf } from '#runner/canaries/canary.ts';
import { gatewayOf } from '#runner/canaries/gateway.ts';
import { outsideCanary, reached } from '#runner/canaries/outside.ts';
import { resolversOf } from '#runner/canaries/resolvers.ts';
import { Deadline } from '#runner/deadline.ts';

const closing: Array<() => void> = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

function listen(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.on('error', () => {}));
    closing.push(() => server.close());
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
}

const loopback = [{ address: '127.0.0.1', family: 4 as const }];

describe('a place outside', () => {
  it('is reached when it accepts, and when it refuses', async () => {
    const port = await listen();
    expect(await reached(loopback, port, new Deadline(1000))).toBe(true);
    expect(await reached(loopback, 1, new Deadline(1000))).toBe(true);
  });

  it('says nothing when it is this very machine', async () => {
    expect(await outsideCanary('worker', { host: '127.0.0.1', port: 1 }).ask(1000)).toBeNull();
    expect(await outsideCanary('worker', { host: 'localhost', port: 1 }).ask(1000)).toBeNull();
  });

  it('lies beyond this site unless its address is a private one', () => {
    const far = (host: string) => outsideCanary('outside', { host, port: 53 }).far;
    expect([far('192.168.1.1'), far('10.0.0.2'), far('fd00::1')]).toEqual([false, false, false]);
    expect([far('192.0.2.1'), far('2001:db8::1'), far('example.org')]).toEqual([true, true, true]);
  });
});

describe('what the system says of its network', () => {
  it('names the gateway of the default route with the lowest metric', () => {
    const table = [
      'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
      'wlan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0',
      'eth0\t00000000\tFE00000A\t0003\t0\t0\t100\t00000000\t0\t0\t0',
      'eth0\t0000000A\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0',
    ].join('\n');
    expect(gatewayOf(table)).toBe('10.0.0.254');
    expect(gatewayOf('')).toBeNull();
  });

  it('names the resolvers that are not on this machine', () => {
    const text =
      'search lan\nnameserver 127.0.0.53\nnameserver 192.0.2.53 # old\n nameserver ::1\n';
    expect(resolversOf(text)).toEqual(['192.0.2.53']);
  });
});

describe('a round', () => {
  const state = (far: boolean, ok: boolean | null, okAt: number | null = 1) => ({
    name: `${far}${ok}${okAt}`,
    far,
    ok,
    okAt,
  });

  it.each([
    ['nothing that counts', [state(true, false, null)], 'sees'],
    ['all that count failing', [state(false, false), state(true, false)], 'blind'],
    ['one of them answering', [state(false, false), state(true, true)], 'sees'],
    [
      'all places outside failing behind a gateway',
      [state(false, true), state(true, false), state(true, false)],
      'blind',
    ],
    ['one place outside alone failing', [state(false, true), state(true, false)], 'sees'],
    [
      'an answer that is still out',
      [state(false, true), state(true, null), state(true, false)],
      null,
    ],
    ['nothing but a canary of last week', [state(true, false, -7 * 86_400_000)], 'sees'],
  ])('with %s', (_, states, sight) => {
    expect(sightOf(states, 1000)).toBe(sight);
  });
});
