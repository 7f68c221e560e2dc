// What others do for the same checks at the same pace.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { cpus } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { closedPort } from '#test/support/probes/servers.ts';
import { findCommand, install } from '../../bin/test/tools.ts';
import { addressOf, INTERVAL_MS, type Kind, nameOf } from './plan.ts';

const PLUGINS = '/usr/lib/nagios/plugins';
const TOOLS = {
  fping: { command: 'fping', debian: 'fping' },
  blackbox: { command: 'prometheus-blackbox-exporter', debian: 'prometheus-blackbox-exporter' },
  check_http: { command: `${PLUGINS}/check_http`, debian: 'monitoring-plugins-basic' },
  check_tcp: { command: `${PLUGINS}/check_tcp`, debian: 'monitoring-plugins-basic' },
  check_ping: { command: `${PLUGINS}/check_ping`, debian: 'monitoring-plugins-basic' },
  gcc: { command: 'gcc', debian: 'gcc libc6-dev' },
  unshare: { command: 'unshare', debian: 'util-linux' },
  ip: { command: 'ip', debian: 'iproute2' },
};
const PHASE_MS = 200;
const AT_HAND_EVERY_US = 10_000;
/** A process for each check costs the same whatever their number, and disturbs the others when there are many. */
const MOST_BY_PROCESS = 200;
const HEADERS = '/usr/include/stdio.h';
const LOOP_IN_NODE = fileURLToPath(new URL('loop.mjs', import.meta.url));

export interface Peer {
  name: string;
  /** It is probed on a port of its own; icmp and scripts need none. */
  start: (port: number) => Promise<Running>;
}

export interface Running {
  pid: number;
  stop: () => void;
}

export interface Peers {
  of: (kind: Kind, count: number) => Peer[];
  /** Keeps every core from falling asleep; null where that is not possible. */
  stayAwake: () => Running | null;
  /** Moves the network of a process far away, that of all else on this machine excepted; null where that is not possible. */
  moveAway: (pid: number, meanMs: number) => Promise<Running> | null;
  /** Keeps the memory of processes at hand; null where that is not possible. */
  keepAtHand: (pids: readonly number[]) => Running | null;
}

export const NO_PEERS: Peers = {
  of: () => [],
  stayAwake: () => null,
  moveAway: () => null,
  keepAtHand: () => null,
};

/** Installs what is missing where that is allowed, says what stays away, compiles what is in C. */
export async function preparePeers(
  folder: string,
  say: (line: string) => void,
  { away = false, named = false } = {},
): Promise<Peers> {
  const absent = () => Object.values(TOOLS).filter(({ command }) => findCommand(command) === null);
  const packages = new Set(absent().flatMap(({ debian }) => debian.split(' ')));
  if (findCommand(HEADERS) === null) packages.add('libc6-dev');
  if (packages.size > 0) await install([...packages], say);
  if (!isRoot())
    say('not root: fping and the ICMP loop need networks of their own and are left out');
  for (const { command, debian } of absent()) {
    say(`${command} (package ${debian}) is not there: left out`);
  }
  const found = (tool: keyof typeof TOOLS) => findCommand(TOOLS[tool].command);
  const compile = (name: string) => compiled(folder, name, found('gcc'), say);
  const loop = compile('loop');
  const atHand = compile('atHand');
  const far = compile('far');
  return {
    of: (kind, count) => peersOf({ kind, count, folder, found, loop, away, named }),
    stayAwake: () =>
      loop === null
        ? null
        : running(spawn(loop, ['awake', String(cpus().length), '0'], { stdio: 'ignore' })),
    moveAway: (pid, meanMs) => (far === null ? null : moved(far, [pid, meanMs].map(String))),
    keepAtHand: (pids) =>
      atHand === null
        ? null
        : running(spawn(atHand, [AT_HAND_EVERY_US, ...pids].map(String), { stdio: 'ignore' })),
  };
}

function compiled(
  folder: string,
  name: string,
  gcc: string | null,
  say: (line: string) => void,
): string | null {
  if (gcc === null) return null;
  const program = join(folder, name);
  const source = fileURLToPath(new URL(`${name}.c`, import.meta.url));
  try {
    execFileSync(gcc, ['-O2', '-o', program, source], { stdio: ['ignore', 'ignore', 'pipe'] });
    return program;
  } catch (error) {
    say(`${name}.c does not compile: ${(error as Error).message.split('\n')[1] ?? ''}`);
    return null;
  }
}

interface Terms {
  kind: Kind;
  count: number;
  folder: string;
  found: (tool: keyof typeof TOOLS) => string | null;
  loop: string | null;
  /** Targets are far away, and only from this network can they be reached. */
  away: boolean;
  /** Targets have names. */
  named: boolean;
}

function peersOf(terms: Terms): Peer[] {
  const { kind, count, loop, found, folder, named } = terms;
  const peers: Peer[] = [];
  const add = (name: string, start: Peer['start'] | null) => {
    if (start) peers.push({ name, start });
  };
  const run = (plugin: string | null, args: (port: number) => string[]): Peer['start'] | null =>
    plugin && loop && count <= MOST_BY_PROCESS
      ? (port) => started(loop, ['run', String(count), '0', plugin, ...args(port)])
      : null;
  const bare: Peer['start'] | null = loop
    ? (port) => started(loop, [kind, String(count), String(port)])
    : null;
  const inNode: Peer['start'] = (port) =>
    started(process.execPath, [LOOP_IN_NODE, kind, String(count), String(port)]);
  switch (kind) {
    case 'icmp': {
      const fping = found('fping');
      const alone = terms.away ? withPingSocket(folder) : inOwnNetwork;
      const bareToo = loop && isRoot() && !terms.away;
      add('loop in C', bareToo ? () => alone(loop, [kind, String(count), '0']) : null);
      const echo = (apartMs: number): Peer['start'] | null =>
        fping && isRoot() ? () => alone(fping, fpingArgs(terms, apartMs)) : null;
      add('fping, spread', echo(INTERVAL_MS / count));
      add('fping, all at once', echo(0));
      const args = ['-H', '{}', '-w', '1000,50%', '-c', '2000,90%', '-p', '1'];
      add(
        'check_ping',
        run(found('check_ping'), () => args),
      );
      break;
    }
    case 'tcp':
      add('loop in C', named ? null : bare);
      add('loop in Node', named ? null : inNode);
      add('blackbox, in slots', blackbox(terms, Math.ceil(count / 20)));
      add('blackbox, spread', blackbox(terms, 1));
      add(
        'check_tcp',
        run(found('check_tcp'), (port) => ['-H', '{}', '-p', String(port)]),
      );
      break;
    case 'http':
      add('loop in C', named ? null : bare);
      add('loop in Node', named ? null : inNode);
      add('blackbox, in slots', blackbox(terms, Math.ceil(count / 20)));
      add('blackbox, spread', blackbox(terms, 1));
      add(
        'check_http',
        run(found('check_http'), (port) => ['-I', '{}', '-p', String(port), '-u', '/1']),
      );
      break;
    case 'https':
      add('loop in Node', named ? null : inNode);
      add('blackbox, in slots', blackbox(terms, Math.ceil(count / 20)));
      add('blackbox, spread', blackbox(terms, 1));
      add(
        'check_http',
        run(found('check_http'), (port) => [
          '-I',
          '{}',
          '-S',
          '-H',
          'localhost',
          '-p',
          String(port),
          '-u',
          '/1',
        ]),
      );
      break;
    case 'script':
      if (loop) {
        const script = join(terms.folder, 'probes', 'bench');
        add('loop in C', () => started(loop, ['run', String(count), '0', script]));
      }
  }
  return peers;
}

/** In a loop of its own, `apartMs` between two targets. */
function fpingArgs({ kind, count, folder }: Terms, apartMs: number): string[] {
  const list = join(folder, `fping-${count}`);
  const addresses = Array.from({ length: count }, (_, index) => addressOf(kind, index));
  writeFileSync(list, `${addresses.join('\n')}\n`);
  const pace = ['-p', String(INTERVAL_MS), '-i', String(apartMs), '-t', '2000', '-r', '0'];
  return ['-l', '-Q', '3600', ...pace, '-f', list];
}

async function started(command: string, args: string[]): Promise<Running> {
  return running(spawn(command, args, { stdio: 'ignore' }));
}

function running(child: ChildProcess): Running {
  child.on('error', () => {});
  if (child.pid === undefined) throw new Error(`${child.spawnfile} does not start`);
  return { pid: child.pid, stop: () => child.kill('SIGKILL') };
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** In a network of its own: every raw socket of a network hears the echoes that others asked for. */
async function inOwnNetwork(command: string, args: string[]): Promise<Running> {
  const shell = ['--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh', command, ...args];
  return running(spawn('unshare', shell, { stdio: 'ignore' }));
}

/** Without the right to a raw one: a ping socket hears its own echoes only. A copy has no rights of its own either. */
function withPingSocket(folder: string): (command: string, args: string[]) => Promise<Running> {
  return async (command, args) => {
    const copy = join(folder, basename(command));
    if (!existsSync(copy)) copyFileSync(command, copy);
    const rights = ['--bounding-set=-net_raw', '--inh-caps=-net_raw'];
    return running(spawn('setpriv', [...rights, copy, ...args], { stdio: 'ignore' }));
  };
}

async function moved(far: string, args: string[]): Promise<Running> {
  const child = spawn(far, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const isReady = new Promise((resolve) => child.stdout.once('data', resolve));
  const hasEnded = new Promise((_, reject) =>
    child.once('exit', () => reject(new Error('the targets could not be moved far away'))),
  );
  await Promise.race([isReady, hasEnded]);
  hasEnded.catch(() => {});
  return running(child);
}

const CONFIG = `modules:
  tcp:
    prober: tcp
    timeout: 5s
    tcp: { preferred_ip_protocol: ip4 }
  http:
    prober: http
    timeout: 5s
    http: { preferred_ip_protocol: ip4 }
  https:
    prober: http
    timeout: 5s
    http:
      preferred_ip_protocol: ip4
      tls_config: { ca_file: AUTHORITY, server_name: localhost }
`;

/** Asked over HTTP on connections kept open: in slots like the runner's checks, or one by one as Prometheus does it. */
function blackbox(
  { kind, count, folder, found, named }: Terms,
  atOnce: number,
): Peer['start'] | null {
  const command = found('blackbox');
  if (command === null) return null;
  return async (port) => {
    const own = await closedPort();
    const config = writeConfig(folder);
    const listen = `--web.listen-address=127.0.0.1:${own}`;
    const exporter = running(
      spawn(command, [`--config.file=${config}`, listen, '--log.level=error'], { stdio: 'ignore' }),
    );
    const agent = new Agent({ keepAlive: true });
    const ask = (index: number) => {
      const host = `${named ? nameOf(kind, index) : addressOf(kind, index)}:${port}`;
      const target = kind === 'tcp' ? host : `${kind}://${host}/${index}`;
      const path = `/probe?module=${kind}&target=${encodeURIComponent(target)}`;
      const asked = get({ host: '127.0.0.1', port: own, path, agent }, (answer) => answer.resume());
      asked.on('error', () => {});
    };
    const cancel = pace((INTERVAL_MS * atOnce) / count, (turn) => {
      for (let each = 0; each < atOnce; each++) ask((turn * atOnce + each) % count);
    });
    const stop = () => {
      cancel();
      agent.destroy();
      exporter.stop();
    };
    return { pid: exporter.pid, stop };
  };
}

function writeConfig(folder: string): string {
  const config = join(folder, 'blackbox.yml');
  const authority = new URL('../../test/support/certs/authority.crt', import.meta.url);
  writeFileSync(config, CONFIG.replace('AUTHORITY', fileURLToPath(authority)));
  return config;
}

/** Calls at multiples of `everyMs` of the wall clock, 200 ms behind the runner's slots. */
function pace(everyMs: number, turn: (number: number) => void): () => void {
  const next = () => Math.floor((Date.now() - PHASE_MS) / everyMs) + 1;
  let timer: NodeJS.Timeout;
  const arm = (number: number) => {
    timer = setTimeout(
      () => {
        turn(number);
        arm(Math.max(number + 1, next() - 5));
      },
      Math.max(0, number * everyMs + PHASE_MS - Date.now()),
    );
  };
  arm(next());
  return () => clearTimeout(timer);
}
