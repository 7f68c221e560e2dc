// Probes in a process of its own, so that a test can give it another network, resolver or environment.
// Reads its order from the first argument, prints the measurements as JSON.
import { createSocket } from 'node:dgram';
import { openSync } from 'node:fs';
import { createServer } from 'node:net';
import { guarded } from '#runner/guard/guarded.ts';
import { type Network, Networks, parseNetwork } from '#runner/guard/networks.ts';
import { Secrets } from '#runner/guard/secrets.ts';
import { capabilities } from '#runner/probes/capabilities.ts';
import { runProbe } from '#runner/probes/index.ts';
import type { Order } from './runAlone.ts';

const order = JSON.parse(process.argv[2] ?? '') as Order;
const { configs, timeoutMs = 2000, probesFolder = null, listen = [] } = order;
const { names, asksCapabilities = false, hogsDescriptors = false, deny = [] } = order;

const A = 1;
const AAAA = 28;
/** The only IPv6 address that a network without wires has. */
const LOOPBACK6 = [...new Array<number>(15).fill(0), 1];

const servers = await Promise.all(
  listen.map(async ({ host, port }) => {
    const server = createServer((socket) => socket.on('error', () => {}).end());
    await new Promise<void>((done) => server.listen(port, host, done));
    return server;
  }),
);
const resolver = names ? await startResolver(names) : null;

if (hogsDescriptors) hogDescriptors();
const probed = [];
const networks = new Networks({
  allow: [],
  deny: deny.map((text) => parseNetwork(text) as Network),
});
const guard = { from: null, networks, secrets: new Secrets(new Map()) };
const probe = guarded(runProbe, guard);
for (const config of configs) {
  probed.push(await probe(config, { timeoutMs, probesFolder }));
}
const able = asksCapabilities ? await capabilities(probesFolder) : null;
console.log(JSON.stringify({ probed, able }));

for (const server of servers) server.close();
resolver?.close();

function hogDescriptors(): void {
  for (;;) {
    try {
      openSync('/dev/null', 'r');
    } catch {
      return;
    }
  }
}

/** A name server on 127.0.0.1:53 that knows a few names. */
async function startResolver(names: NonNullable<Order['names']>) {
  const server = createSocket('udp4');
  server.on('message', (query, from) => {
    const { name, type, end } = readQuestion(query);
    const known = names[name] ?? 'missing';
    if (known === 'silent') return;
    const codes: Record<string, number> = { missing: 3, broken: 2 };
    const isA = (address: string) => address.includes('.');
    const wanted = (address: string) => type === (isA(address) ? A : AAAA);
    const addresses = Array.isArray(known) ? known.filter(wanted) : [];
    const head = Buffer.from(query.subarray(0, 12));
    head.writeUInt16BE(0x8180 | (typeof known === 'string' ? (codes[known] ?? 0) : 0), 2);
    head.writeUInt16BE(addresses.length, 6);
    head.writeUInt16BE(0, 8);
    head.writeUInt16BE(0, 10);
    const records = addresses.map((address) => {
      const bytes = isA(address) ? address.split('.').map(Number) : LOOPBACK6;
      return Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 1, 0, bytes.length, ...bytes]);
    });
    server.send(
      Buffer.concat([head, query.subarray(12, end), ...records]),
      from.port,
      from.address,
    );
  });
  await new Promise<void>((done) => server.bind(53, '127.0.0.1', done));
  return server;
}

function readQuestion(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join('.'), type: query.readUInt16BE(at + 1), end: at + 5 };
}
