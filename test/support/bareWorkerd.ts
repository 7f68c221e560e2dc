// The worker as it is bundled, on workerd alone and real sqld. Wrangler's harness sends what the worker fetches through
// Node, which follows redirects by itself; here nothing stands between the worker and the network.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from '../../bin/bundle.ts';
import { openTestDb } from './platform.ts';
import { ACCESS_KEY } from './servers.ts';
import { startSqld } from './sqld.ts';
import { until } from './until.ts';

const WORKERD = createRequire(import.meta.url)('workerd').default as string;

export interface BareWorkerd {
  baseUrl: string;
  accessKey: string;
  /** Fires the cron trigger, and waits for what it does. */
  tick: () => Promise<void>;
  stop: () => Promise<void>;
}

/** `/tick` fires the cron trigger, everything else is the worker's. */
const DOOR = `export default {
  async fetch(request, { MAIN }) {
    if (new URL(request.url).pathname !== '/tick') return MAIN.fetch(request);
    const { outcome } = await MAIN.scheduled({ cron: '* * * * *', scheduledTime: new Date() });
    return new Response(outcome);
  },
};`;

export async function startBareWorkerd(settings: Record<string, string>): Promise<BareWorkerd> {
  const sqld = await startSqld();
  const db = await openTestDb(sqld.url);
  const folder = mkdtempSync(join(tmpdir(), 'anyup-workerd-'));
  const port = await freePort();
  const files = await bundle();
  for (const { fileName, code } of files) writeFileSync(join(folder, fileName), code);
  writeFileSync(join(folder, 'door.js'), DOOR);
  const bindings = Object.entries({
    TURSO_DATABASE_URL: sqld.url,
    ANYUP_URL: `http://127.0.0.1:${port}`,
    ANYUP_LOG: 'warn',
    ANYUP_SECRET: Buffer.alloc(32, 7).toString('base64'),
    ANYUP_ACCESS_KEY: ACCESS_KEY,
    ...settings,
  }).map(([name, value]) => `(name = "${name}", text = ${JSON.stringify(value)})`);
  // The first module is the entry.
  const modules = [...files]
    .sort((a, b) => Number(b.fileName === 'worker.js') - Number(a.fileName === 'worker.js'))
    .map(({ fileName }) => `(name = "${fileName}", esModule = embed "${fileName}")`);
  const date = 'compatibilityDate = "2026-10-23"';
  writeFileSync(
    join(folder, 'config.capnp'),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (modules = [${modules.join(', ')}], ${date}, globalOutbound = "net",
      bindings = [${bindings.join(', ')}])),
    (name = "door", worker = (modules = [(name = "door.js", esModule = embed "door.js")], ${date},
      compatibilityFlags = ["service_binding_extra_handlers"], bindings = [(name = "MAIN", service = "main")])),
    (name = "net", network = (allow = ["local", "private", "public"], tlsOptions = (trustBrowserCas = true)))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "door")]);
`,
  );
  const child = spawn(WORKERD, ['serve', '--experimental', join(folder, 'config.capnp')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (data) => {
    said += data;
  });
  const baseUrl = `http://127.0.0.1:${port}`;
  const alive = () =>
    fetch(`${baseUrl}/healthz`)
      .then(({ ok }) => ok)
      .catch(() => false);
  await until(
    async () => (await alive()) || child.exitCode !== null,
    (done) => done,
  );
  if (child.exitCode !== null) throw new Error(`workerd ended: ${said}`);
  return {
    baseUrl,
    accessKey: ACCESS_KEY,
    tick: async () => {
      const outcome = await (await fetch(`${baseUrl}/tick`)).text();
      if (outcome !== 'ok') throw new Error(`the cron run: ${outcome}\n${said}`);
    },
    stop: async () => {
      child.kill();
      if (child.exitCode === null) await once(child, 'exit');
      db.$client.close();
      await sqld.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
