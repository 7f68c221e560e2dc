// Probes in a process of its own, so that a test can give it another network, resolver or environment.
// Reads its order from the first argument, prints the measurements as JSON.
import { createSocket } from 'node:dgram';
import { openSync } from 'node:fs';
import { createServer } from 'node:net';
import { guarded } from '#runner/guard/guarded.ts';
import { type Network, Networks, parseNetwork } from '#runner/guard/networks.ts';
import { Secrets } from '#runner/guard/secrets.ts';
import type { Probed } from '#runner/probe.ts';
import { capabilities } from '#runner/probes/capabilities.ts';
import { runProbe } from '#runner/probes/index.ts';
import { startResolver } from './resolver.ts';
import type { Order } from './runAlone.ts';

const order = JSON.parse(process.argv[2] ?? '') as Order;
const { configs, timeoutMs = 2000, probesFolder = null, listen = [] } = order;
const { names, asksCapabilities = false, hogsDescriptors = false, deny = [] } = order;
const { atOnce = false } = order;

const servers = await Promise.all(
  listen.map(async ({ host, port }) => {
    const server = createServer((socket) => socket.on('error', () => {}).end());
    await new Promise<void>((done) => server.listen(port, host, done));
    return server;
  }),
);
const resolver = names
  ? await startResolver((name) => names[name] ?? 'missing', { takesMs: order.namesTakeMs })
  : null;

if (order.deafNameServer) createSocket('udp4').bind(53, order.deafNameServer).unref();

if (hogsDescriptors) hogDescriptors();
const networks = new Networks({
  allow: [],
  deny: deny.map((text) => parseNetwork(text) as Network),
});
const evidence = { privateBodies: false, route: false };
const guard = { from: null, networks, secrets: new Secrets(new Map()), evidence };
const probe = guarded(runProbe, guard);
const sleptBefore = process.resourceUsage().voluntaryContextSwitches;
const probed: Probed[] = [];
const probing: Array<Promise<Probed>> = [];
for (const config of configs) {
  const one = probe(config, { timeoutMs, probesFolder });
  if (atOnce) probing.push(one);
  else probed.push(await one);
}
probed.push(...(await Promise.all(probing)));
const slept = process.resourceUsage().voluntaryContextSwitches - sleptBefore;
const able = asksCapabilities ? await capabilities(probesFolder) : null;
const said = JSON.stringify({ probed, able, slept });

for (const server of servers) server.close();
resolver?.close();
// A question to a silent server would keep the process waiting.
process.stdout.write(`${said}\n`, () => process.exit(0));

function hogDescriptors(): void {
  for (;;) {
    try {
      openSync('/dev/null', 'r');
    } catch {
      return;
    }
  }
}
