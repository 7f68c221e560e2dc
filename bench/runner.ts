// `npm run bench -- runner [--quick] [--kinds=http,tcp] [--profile=folder] [checks …]`: what a check costs a runner, beside
// what others need for the same checks at the same pace in the same twenty seconds (docs/performance.md, "The runner").
// As root on Debian it installs those others by apt-get; what is not there is left out, and said.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildPackage } from '../bin/package.ts';
import { cpuUs, memoryMiB } from './runner/account.ts';
import { Helper } from './runner/helper.ts';
import { type Peers, preparePeers, type Running } from './runner/peers.ts';
import { INTERVAL_MS, KINDS, type Kind } from './runner/plan.ts';
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
const SETTLE_MS = 6000;

export async function run(args: string[]): Promise<void> {
  const options = {
    quick: { type: 'boolean', default: false },
    kinds: { type: 'string' },
    profile: { type: 'string' },
  } as const;
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const wanted = (values.kinds ?? (values.quick ? 'icmp,http' : KINDS.join(','))).split(',');
  const kinds = KINDS.filter((kind) => wanted.includes(kind));
  const usual = values.quick ? [1000] : [200, 1000];
  const counts = positionals.length > 0 ? positionals.map(Number) : usual;
  const bench = new RunnerBench(values.profile);
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
      for (const count of counts) await bench.measure(FROM_SOURCES, kind, count);
    }
    const isPlain = !values.quick && !values.profile && kinds.includes('http');
    if (isPlain) await bench.measure(PACKED, 'http', Math.max(...counts));
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

class RunnerBench {
  readonly #flags: string[];
  readonly #folder = mkdtempSync(join(tmpdir(), 'anyup-bench-'));
  readonly #targets = new Helper<TargetOrder>('./targets.ts');
  readonly #worker = new Helper<WorkerOrder>('./worker.ts');
  #peers: Peers = { of: () => [] };
  #ours: Ours[] = [];
  #others: Other[] = [];

  constructor(profile: string | undefined) {
    this.#flags = profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : [];
  }

  async prepare(): Promise<void> {
    const say = (line: string) => console.log(line);
    const probes = join(this.#folder, 'probes');
    mkdirSync(probes, { mode: 0o755 });
    writeFileSync(join(probes, 'bench'), '#!/bin/sh\nexit 0\n');
    chmodSync(join(probes, 'bench'), 0o755);
    this.#peers = await preparePeers(this.#folder, say);
    const load = loadavg().map((each) => each.toFixed(2));
    const [cpu] = cpus();
    say(`${new Date().toISOString().slice(0, 16)}Z, ${cpus().length} × ${cpu?.model.trim()}`);
    say(`Node ${process.versions.node}, load average ${load.join(' ')}`);
  }

  async measure(form: Form, kind: Kind, count: number): Promise<void> {
    console.log(`\n${kind}, ${count.toLocaleString('en')} checks every 20 s`);
    if (form === PACKED) await buildPackage();
    try {
      await this.#startOurs(form, kind, count);
      await this.#startOthers(kind, count);
      const warmMs = Math.min(count * FIRST_APART_MS, INTERVAL_MS) + SETTLE_MS;
      console.log(`  … ${Math.round((warmMs + INTERVAL_MS) / 1000)} s`);
      await pause(warmMs);
      await this.#window(kind, count);
    } finally {
      this.#end();
    }
  }

  async #startOurs(form: Form, kind: Kind, count: number): Promise<void> {
    const port = await this.#open(kind);
    const code = newCode();
    const { url } = await this.#worker.ask<{ url: string }>({ open: kind, count, port, code });
    const terms = { folder: this.#folder, url, code, flags: this.#flags };
    this.#ours.push({ form, port, url, process: startRunner(form, terms) });
  }

  async #startOthers(kind: Kind, count: number): Promise<void> {
    for (const { name, start } of this.#peers.of(kind, count)) {
      const port = await this.#open(kind);
      this.#others.push({ name, port, process: await start(port) });
    }
  }

  async #open(kind: Kind): Promise<number> {
    if (!isHeard(kind)) return 0;
    return (await this.#targets.ask<Told>({ open: kind })).port;
  }

  /** One interval from the middle of a second, so that every check is due in it once. */
  async #window(kind: Kind, count: number): Promise<void> {
    await pause(1500 - (Date.now() % 1000));
    const all = [...this.#ours, ...this.#others];
    for (const { port } of all) if (port) await this.#targets.ask<Told>({ mark: port });
    const fromAt = Date.now();
    const before = all.map((each) => cpuUs(each.process.pid));
    await pause(INTERVAL_MS);
    const rows: Row[] = [];
    const used = all.map((each, index) => cpuUs(each.process.pid) - (before[index] ?? 0));
    const toAt = fromAt + INTERVAL_MS;
    for (const [index, each] of all.entries()) {
      const told = each.port ? await this.#targets.ask<Told>({ count: each.port }) : null;
      const memory = memoryMiB(each.process.pid);
      rows.push({
        name: 'form' in each ? each.form.name : each.name,
        usPerCheck: (used[index] ?? 0) / count,
        heard: told?.connections ?? null,
        ownUs: told?.ownUs ?? {},
        memory,
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
    for (const one of rows) console.log(row(one, { kind, count, ours: rows[0]?.usPerCheck ?? 0 }));
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
  }

  remove(): void {
    this.#end();
    this.#targets.end();
    this.#worker.end();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** What has a target that can count. */
function isHeard(kind: Kind): boolean {
  return kind === 'tcp' || kind === 'http' || kind === 'https';
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
