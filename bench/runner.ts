// `npm run bench -- runner [--quick] [--kinds=http,tcp] [--warm=60] [--window=60] [--alone] [--awake] [--sources]
// [--at-hand] [--away=40] [--names] [--profile=folder] [checks …]`: what a check costs a runner, beside what others need for the same checks at the same
// pace in the same minute (docs/performance.md, "The runner"). `--alone` leaves the others out; `--awake` keeps the cores
// from falling asleep between slots, which costs whoever wakes them; `--at-hand` keeps the memory of all that is measured at hand,
// for machines whose host takes away what rests (docs/performance.md); `--away=40` puts the targets at round trips of 4 to 78 ms;
// `--names` gives them names that each check has to resolve.
// `npm run bench -- runner hour [--minutes=60] [checks]`: many checks for long (bench/runner/hour.ts).
// As root on Debian it installs those others by apt-get; what is not there is left out, and said.
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildPackage } from '../bin/package.ts';
import { cpuUs, memoryMiB, treeOf } from './runner/account.ts';
import { Helper } from './runner/helper.ts';
import { hour } from './runner/hour.ts';
import { NO_PEERS, type Peers, preparePeers, type Running } from './runner/peers.ts';
import { INTERVAL_MS, KINDS, type Kind, NAME_SERVER, slotWeights } from './runner/plan.ts';
import {
  type Form,
  FROM_SOURCES,
  newCode,
  PACKED,
  type RunnerProcess,
  startRunner,
} from './runner/runner.ts';
import { headRow, type Row, row } from './runner/table.ts';
import type { Order as TargetOrder, Told } from './runner/targets.ts';
import type { Report, Order as WorkerOrder } from './runner/worker.ts';

/** A new check is first probed within one interval, 20 ms after the one before. */
const FIRST_APART_MS = 20;

export async function run(args: string[]): Promise<void> {
  if (args[0] === 'hour') return hour(args.slice(1));
  const options = {
    quick: { type: 'boolean', default: false },
    kinds: { type: 'string' },
    profile: { type: 'string' },
    warm: { type: 'string' },
    window: { type: 'string' },
    sources: { type: 'boolean', default: false },
    alone: { type: 'boolean', default: false },
    awake: { type: 'boolean', default: false },
    'at-hand': { type: 'boolean', default: false },
    away: { type: 'string' },
    names: { type: 'boolean', default: false },
  } as const;
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const own = values.away !== undefined || values.names;
  if (own && !process.env[IN_OWN_NETWORK]) return inOwnNetwork();
  const { quick } = values;
  const wanted = (values.kinds ?? (quick ? 'icmp,http' : KINDS.join(','))).split(',');
  const kinds = KINDS.filter((kind) => wanted.includes(kind));
  const usual = quick ? [1000] : [200, 1000];
  const counts = positionals.length > 0 ? positionals.map(Number) : usual;
  const bench = new RunnerBench({
    profile: values.profile,
    warmMs: Number(values.warm ?? (quick ? 6 : 300)) * 1000,
    intervals: Math.max(
      1,
      Math.round((Number(values.window ?? (quick ? 20 : 60)) * 1000) / INTERVAL_MS),
    ),
    withPeers: !values.alone,
    awake: values.awake,
    atHand: values['at-hand'],
    awayMs: Number(values.away ?? 0),
    named: values.names,
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      bench.remove();
      process.exit(1);
    });
  }
  try {
    await bench.prepare();
    // Two runners at once would be late together: they have the same slots.
    for (const kind of kinds) {
      for (const count of counts) {
        await bench.measure(values.sources ? FROM_SOURCES : PACKED, kind, count);
      }
    }
  } finally {
    bench.remove();
  }
}

interface Ours {
  form: Form;
  port: number;
  url: string;
  process: RunnerProcess;
}

interface Other {
  name: string;
  port: number;
  process: Running;
}

interface Terms {
  profile: string | undefined;
  /** Between the first probe of the last check and the first window: what works all the time is compiled in five minutes. */
  warmMs: number;
  /** Windows of one interval each; of what they show the middle is told. */
  intervals: number;
  withPeers: boolean;
  awake: boolean;
  atHand: boolean;
  /** The mean round trip to the targets; 0 = they are on this machine. */
  awayMs: number;
  /** They have names, which a name server on this machine (or away as the targets are) resolves. */
  named: boolean;
}

/** Set where all of it runs in a network that may be changed. */
const IN_OWN_NETWORK = 'ANYUP_BENCH_NETWORK';

/** Installs what is missing while there is a network to install it from, and starts itself over without one. */
async function inOwnNetwork(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'anyup-bench-'));
  await preparePeers(folder, (line) => console.log(line));
  const resolver = join(folder, 'resolv.conf');
  writeFileSync(resolver, `nameserver ${NAME_SERVER}\n`);
  const shell = 'ip link set lo up && mount --bind "$0" /etc/resolv.conf && exec "$@"';
  const node = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const command = ['--net', '--mount', 'sh', '-c', shell, resolver, ...node];
  const env = { ...process.env, [IN_OWN_NETWORK]: '1' };
  const child = spawn('unshare', command, { env, stdio: 'inherit' });
  process.exitCode = await new Promise((resolve) => child.once('exit', resolve));
  rmSync(folder, { recursive: true });
}

class RunnerBench {
  readonly #terms: Terms;
  readonly #flags: string[];
  readonly #folder = mkdtempSync(join(tmpdir(), 'anyup-bench-'));
  readonly #targets: Helper<TargetOrder>;
  readonly #worker = new Helper<WorkerOrder>('./worker.ts');
  #peers: Peers = NO_PEERS;
  #atHand: Running | null = null;
  #awake: Running | null = null;
  #far: Running | null = null;
  #ours: Ours[] = [];
  #others: Other[] = [];

  constructor(terms: Terms) {
    this.#terms = terms;
    const { profile, awayMs } = terms;
    this.#targets = new Helper('./targets.ts', { own: awayMs > 0 });
    this.#flags = profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : [];
  }

  async prepare(): Promise<void> {
    const say = (line: string) => console.log(line);
    const probes = join(this.#folder, 'probes');
    mkdirSync(probes, { mode: 0o755 });
    writeFileSync(join(probes, 'bench'), '#!/bin/sh\nexit 0\n');
    chmodSync(join(probes, 'bench'), 0o755);
    const { withPeers, awake, atHand, awayMs, named } = this.#terms;
    const away = awayMs > 0;
    if (withPeers || awake || atHand || away) {
      this.#peers = await preparePeers(this.#folder, say, { away, named });
    }
    if (awake) this.#awake = this.#peers.stayAwake();
    if (named) await this.#targets.ask<Told>({ names: true });
    if (away) this.#far = await this.#peers.moveAway(this.#targets.pid, awayMs);
    const load = loadavg().map((each) => each.toFixed(2));
    const [cpu] = cpus();
    say(`${new Date().toISOString().slice(0, 16)}Z, ${cpus().length} × ${cpu?.model.trim()}`);
    say(`Node ${process.versions.node}, load average ${load.join(' ')}`);
    if (this.#awake) say('cores are kept awake');
    if (atHand) say('memory is kept at hand');
    if (this.#far) say(`targets are ${0.1 * awayMs} to ${Math.floor(1.96 * awayMs)} ms away`);
  }

  async measure(form: Form, kind: Kind, count: number): Promise<void> {
    console.log(`\n${kind}, ${count.toLocaleString('en')} checks every 20 s`);
    if (form === PACKED) await buildPackage();
    try {
      await this.#startOurs(form, kind, count);
      if (this.#terms.withPeers) await this.#startOthers(kind, count);
      const { warmMs, intervals, atHand } = this.#terms;
      if (atHand) await this.#keepAtHand();
      const beginsMs = Math.min(count * FIRST_APART_MS, INTERVAL_MS) + warmMs;
      console.log(`  … ${Math.round((beginsMs + intervals * INTERVAL_MS) / 1000)} s`);
      await pause(beginsMs);
      await this.#windows(kind, count);
    } finally {
      this.#end();
    }
  }

  async #startOurs(form: Form, kind: Kind, count: number): Promise<void> {
    const port = await this.#open(kind);
    const code = newCode();
    const { url } = await this.#worker.ask<{ url: string }>({
      open: [{ kind, port }],
      count,
      code,
      intervalMs: INTERVAL_MS,
      named: this.#terms.named,
    });
    const terms = { folder: this.#folder, url, code, flags: this.#flags };
    this.#ours.push({ form, port, url, process: startRunner(form, terms) });
  }

  async #startOthers(kind: Kind, count: number): Promise<void> {
    for (const { name, start } of this.#peers.of(kind, count)) {
      const port = await this.#open(kind);
      this.#others.push({ name, port, process: await start(port) });
    }
  }

  async #keepAtHand(): Promise<void> {
    // By then all of them have the processes they work with.
    await pause(1000);
    const pids = [...this.#ours, ...this.#others].flatMap((each) => treeOf(each.process.pid));
    this.#atHand = this.#peers.keepAtHand(pids);
  }

  async #open(kind: Kind): Promise<number> {
    if (!isHeard(kind)) return 0;
    return (await this.#targets.ask<Told>({ open: kind })).port;
  }

  /** Intervals from the middle of a second, so that every check is due in each of them once. */
  async #windows(kind: Kind, count: number): Promise<void> {
    const { intervals } = this.#terms;
    await pause(1500 - (Date.now() % 1000));
    const all = [...this.#ours, ...this.#others];
    for (const { port } of all) if (port) await this.#targets.ask<Told>({ mark: port });
    const fromAt = Date.now();
    const read = () => all.map((each) => cpuUs(each.process.pid));
    const readings = [read()];
    for (let window = 1; window <= intervals; window++) {
      await pause(fromAt + window * INTERVAL_MS - Date.now());
      readings.push(read());
    }
    const toAt = fromAt + intervals * INTERVAL_MS;
    const rows: Row[] = [];
    for (const [index, each] of all.entries()) {
      const told = each.port ? await this.#targets.ask<Told>({ count: each.port }) : null;
      const used = readings.map((of) => of[index] ?? 0);
      rows.push({
        name: 'form' in each ? each.form.name : each.name,
        usPerCheck: median(used.slice(1).map((us, window) => us - (used[window] ?? 0))) / count,
        told,
        memory: memoryMiB(each.process.pid),
        report: null,
      });
    }
    for (const [index, { url, process: child }] of this.#ours.entries()) {
      await child.stop();
      const report = await this.#worker.ask<Report>({ report: url, fromAt, toAt });
      const mine = rows[index];
      if (mine) mine.report = report;
      this.#complain(report, child);
    }
    console.log(headRow());
    const weights = slotWeights(kind, count);
    const { awayMs, named } = this.#terms;
    const terms = {
      kind,
      due: count * intervals,
      ours: rows[0]?.usPerCheck ?? 0,
      weights,
      awayMs,
      named,
    };
    for (const one of rows) console.log(row(one, terms));
  }

  #complain({ notUp, reason, violations }: Report, child: RunnerProcess): void {
    if (notUp > 0) console.log(`  ${notUp} readings were not up: ${reason}`);
    for (const violation of violations.slice(0, 3)) console.log(`  the worker says: ${violation}`);
    const said = child.said().split('\n').slice(0, 3).join('\n  ');
    if (said) console.log(`  the runner says: ${said}`);
  }

  #end(): void {
    for (const { process: child } of this.#ours.splice(0)) child.kill();
    for (const { process: child } of this.#others.splice(0)) child.stop();
    this.#atHand?.stop();
    this.#atHand = null;
  }

  remove(): void {
    this.#end();
    this.#awake?.stop();
    this.#far?.stop();
    this.#targets.end();
    this.#worker.end();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** What has a target that can count. */
function isHeard(kind: Kind): boolean {
  return kind === 'tcp' || kind === 'http' || kind === 'https';
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
