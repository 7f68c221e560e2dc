// `npm run record -- <commit> [--as <version>]`: writes down what a runner and its worker of that commit say to each
// other over an outage, into test/recorded/<version>. Each release does it once, so that the next can be held to it.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { createClient } from '@libsql/client';
import type { Exchange, Recording } from './recording.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const ACCESS_KEY = 'recorded-Key_7QpZx1LmNa7RwYb2';
const LOCATION = 'Recorded';
const PATIENCE_MS = 120_000;
/** Hop by hop, or of the connection to this machine. */
const PASSED_OVER = new Set(['host', 'connection', 'transfer-encoding', 'keep-alive', 'date']);

const [commit = 'HEAD', ...rest] = process.argv.slice(2);
const as = rest[0] === '--as' ? rest[1] : undefined;
const folder = mkdtempSync(join(tmpdir(), 'anyup-record-'));
const endings: Array<() => unknown> = [() => rmSync(folder, { recursive: true, force: true })];

try {
  await record();
} finally {
  for (const end of endings.reverse()) await end();
}

async function record(): Promise<void> {
  const version = checkOut();
  const target = await targetOf(0);
  const { port: targetPort } = target.address() as AddressInfo;
  const workerPort = await freePort();
  const proxy = await recordingProxy(workerPort);
  const data = join(folder, 'data');
  const settings = { ANYUP_DATA: data, ANYUP_URL: proxy.url, ANYUP_ACCESS_KEY: ACCESS_KEY };
  const secret = Buffer.alloc(32, 7).toString('base64');
  program('bin/node.ts', { ...settings, PORT: String(workerPort), ANYUP_SECRET: secret });
  const call = caller(workerPort);
  await until('the worker answers', async () => (await call('GET', '/settings')) !== null);
  const { code } = (await call('POST', '/join-codes', { location: LOCATION })) as { code: string };
  const runner = program('bin/runner.ts', {
    ANYUP_URL: proxy.url,
    ANYUP_JOIN: code,
    ANYUP_NAME: 'recorded',
    ANYUP_DATA: join(folder, 'runner'),
    ANYUP_CANARIES: 'off',
  });
  await until('the runner has joined', async () => {
    const { runners } = (await call('GET', '/runners')) as { runners: unknown[] };
    return runners.length > 0;
  });
  const often = { interval: '5s', timeout: '2s', locations: [LOCATION] };
  const host = {
    name: 'Recorded',
    checks: [
      { kind: 'tcp', target: `127.0.0.1:${targetPort}`, ...often },
      { kind: 'tcp', target: '127.0.0.1:1', ...often },
    ],
  };
  await call('POST', '/hosts', host);
  const status = async () => {
    const answer = (await call('GET', '/status')) as {
      hosts: Array<{ checks: { status: string }[] }>;
    };
    return answer.hosts[0]?.checks.map((each) => each.status).join();
  };
  await until('it is up', async () => (await status()) === 'up,down');
  await closed(target);
  await until('it is down', async () => (await status()) === 'down,down');
  await proxy.hold();
  const upgradeAfter = proxy.exchanges.length;
  const database = await copyOf(join(data, 'anyup.db'));
  proxy.goOn();
  await targetOf(targetPort);
  await until('it is up again', async () => (await status()) === 'up,down');
  await new Promise<void>((resolve) => {
    runner.once('close', () => resolve());
    runner.kill('SIGTERM');
  });
  // What the worker says to a runner's call that it does not know.
  const { authorization = '' } = proxy.exchanges.at(-1)?.headers ?? {};
  const unknown = await fetch(`http://127.0.0.1:${workerPort}/api/v1/runner/unknown`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: '{}',
  });
  const recording: Recording = {
    version,
    aud: proxy.url,
    location: LOCATION,
    code,
    host,
    upgradeAfter,
    exchanges: proxy.exchanges,
    unknown: { status: unknown.status, body: await unknown.text() },
  };
  const out = join(ROOT, 'test/recorded', version);
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, 'traffic.json'), `${JSON.stringify(recording, null, 2)}\n`);
  writeFileSync(join(out, 'worker.db.gz'), gzipSync(database, { level: 9 }));
  process.stderr.write(`${recording.exchanges.length} exchanges of ${version} in ${out}\n`);
}

/** The commit's own files beside our packages; gives the version it goes by. */
function checkOut(): string {
  const tree = execFileSync('git', ['archive', commit], { cwd: ROOT, maxBuffer: 1 << 28 });
  execFileSync('tar', ['-x', '-C', folder], { input: tree });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const path = join(folder, 'package.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as { version: string };
  if (as !== undefined) writeFileSync(path, JSON.stringify({ ...manifest, version: as }));
  return as ?? manifest.version;
}

function program(file: string, settings: Record<string, string>) {
  const jsx = pathToFileURL(join(folder, 'bin/jsx.mjs')).href;
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, ['--import', jsx, file], {
    cwd: folder,
    env: { PATH, HOME, ...settings },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  endings.push(() => child.kill('SIGKILL'));
  return child;
}

function caller(port: number) {
  return async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const headers = { authorization: `Bearer ${ACCESS_KEY}`, 'content-type': 'application/json' };
    const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1${path}`, init).catch(() => null);
    if (answer === null) return null;
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
}

/** Stands before the worker and writes down what runners ask and are told. */
async function recordingProxy(workerPort: number) {
  const exchanges: Exchange[] = [];
  let held: Promise<void> | null = null;
  let release = () => {};
  let open = 0;
  const server = createServer(async (request, response) => {
    await held;
    open += 1;
    exchanges.push(await passOn(request, response, workerPort));
    open -= 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endings.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    exchanges,
    /** From here on calls wait; resolves when none is under way. */
    hold: async () => {
      held = new Promise((resolve) => {
        release = resolve;
      });
      await until('nothing is under way', async () => open === 0);
    },
    goOn: () => {
      held = null;
      release();
    },
  };
}

async function passOn(
  request: IncomingMessage,
  response: ServerResponse,
  workerPort: number,
): Promise<Exchange> {
  const at = Date.now();
  const { method = '', url: path = '' } = request;
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const body = Buffer.concat(parts);
  const headers = Object.fromEntries(
    Object.entries(request.headers)
      .filter(([name]) => !PASSED_OVER.has(name))
      .map(([name, value]) => [name, String(value)]),
  );
  const answer = await fetch(`http://127.0.0.1:${workerPort}${path}`, {
    method,
    headers,
    ...(method !== 'GET' && { body }),
  });
  const said = await answer.text();
  const told = Object.fromEntries(
    [...answer.headers].filter(
      ([name]) => !PASSED_OVER.has(name) && !/^content-(length|encoding)$/.test(name),
    ),
  );
  response.writeHead(answer.status, told).end(said);
  return {
    at,
    method,
    path,
    headers,
    body: body.toString('base64'),
    answer: { status: answer.status, body: said },
  };
}

async function copyOf(file: string): Promise<Buffer> {
  const copy = join(folder, 'copy.db');
  const client = createClient({ url: `file:${file}` });
  await client.execute({ sql: 'vacuum into ?', args: [copy] });
  client.close();
  return readFileSync(copy);
}

async function targetOf(port: number): Promise<Server> {
  const server = createTcpServer((socket) => socket.on('error', () => undefined));
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  endings.push(() => server.close());
  return server;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

async function freePort(): Promise<number> {
  const server = await targetOf(0);
  const { port } = server.address() as AddressInfo;
  await closed(server);
  return port;
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; !(await holds()); ) {
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
