// `npm run bench -- runner hour [--minutes=60] [--interval=60] [checks]`: many checks on one runner for long. A line a
// minute; at the end what became of its memory, what was missed and how late it was. The exit code is 1 when that is bad.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildPackage } from '../../bin/package.ts';
import { cpuUs, memoryMiB } from './account.ts';
import { Helper } from './helper.ts';
import { type Kind, slotWeights } from './plan.ts';
import { newCode, PACKED, type RunnerProcess, startRunner } from './runner.ts';
import { afterItsPartMs } from './table.ts';
import type { Order as TargetOrder, Told } from './targets.ts';
import type { Stored, Order as WorkerOrder } from './worker.ts';

/** What ten checks are. */
const MIX: readonly Kind[] = [
  'http',
  'http',
  'tcp',
  'http',
  'icmp',
  'http',
  'tcp',
  'http',
  'icmp',
  'http',
];
/** Until a result has surely come to the worker: a flush and a half. */
const ARRIVES_MS = 25_000;
/** The first minutes fill the heap and let the engine compile; the slope is that of what follows. */
const WARM_SHARE = 0.25;
const MOST_SLOPE_MIB_PER_HOUR = 6;
const MOST_LATE_MS = 10;

export async function hour(args: string[]): Promise<void> {
  const options = {
    minutes: { type: 'string', default: '60' },
    interval: { type: 'string', default: '60' },
  } as const;
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const long = new Hour({
    count: Number(positionals[0] ?? 10_000),
    minutes: Number(values.minutes),
    intervalMs: Number(values.interval) * 1000,
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      long.remove();
      process.exit(1);
    });
  }
  try {
    await buildPackage();
    await long.start();
    process.exitCode = (await long.watch()) ? 0 : 1;
  } finally {
    long.remove();
  }
}

/** What bench/runner/heap.mjs tells. */
interface Heap {
  usedMiB: number;
  totalMiB: number;
  outsideMiB: number;
}

interface Plan {
  count: number;
  minutes: number;
  intervalMs: number;
}

/** One interval of a check each. */
interface Minute {
  rssMiB: number;
  heap: Heap;
  usPerCheck: number;
  missed: number;
  notUp: number;
  /** To the slot, of what the targets took, ms. */
  late: { p50: number; p99: number; most: number };
  stored: number;
  /** Slots left out since the start, as the runner tells it. */
  skipped: number;
  /** As the runner tells it of its wake-ups, p99. */
  wokeLateMs: number | null;
}

class Hour {
  readonly #plan: Plan;
  readonly #folder = mkdtempSync(join(tmpdir(), 'anyup-bench-'));
  readonly #targets = new Helper<TargetOrder>('./targets.ts');
  readonly #worker = new Helper<WorkerOrder>('./worker.ts');
  #ports: number[] = [];
  #url = '';
  #runner: RunnerProcess | null = null;

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  async start(): Promise<void> {
    const { count, intervalMs, minutes } = this.#plan;
    const ports = new Map<Kind, number>([['icmp', 0]]);
    for (const kind of ['http', 'tcp'] as const) {
      ports.set(kind, (await this.#targets.ask<Told>({ open: kind })).port);
    }
    this.#ports = [...ports.values()].filter((port) => port > 0);
    const code = newCode();
    const mix = MIX.map((kind) => ({ kind, port: ports.get(kind) ?? 0 }));
    const order = { open: mix, count, code, intervalMs };
    this.#url = (await this.#worker.ask<{ url: string }>(order)).url;
    const flags = ['--import', new URL('heap.mjs', import.meta.url).href];
    const terms = { folder: this.#folder, url: this.#url, code, flags, withChannel: true };
    this.#runner = startRunner(PACKED, terms);
    const [each, all] = [intervalMs / 1000, count.toLocaleString('en')];
    console.log(
      `${all} checks (6 of 10 http, 2 tcp, 2 icmp) every ${each} s for ${minutes} minutes`,
    );
    console.log(
      line([
        'minute',
        'RSS',
        'heap',
        'of',
        'out',
        'µs/chk',
        'missed',
        'not up',
        'woke p99',
        'late p50',
        'p99',
        'most',
        'stored',
      ]),
    );
  }

  /** True when all is as it should be. */
  async watch(): Promise<boolean> {
    const { count, minutes, intervalMs } = this.#plan;
    const runner = this.#runner;
    if (!runner) return false;
    // Every check has been probed once, and the first interval is over.
    await pause(2 * intervalMs + 500 - (Date.now() % 1000));
    const seen: Minute[] = [];
    // Of all kinds here a check weighs the same.
    const weights = slotWeights('http', count, intervalMs);
    let stored = 0;
    let fromAt = Date.now();
    let before = cpuUs(runner.pid);
    for (const port of this.#ports) await this.#targets.ask<Told>({ mark: port });
    const rounds = Math.max(1, Math.round((minutes * 60_000) / intervalMs));
    const pending: Array<Promise<void>> = [];
    for (let round = 1; round <= rounds; round++) {
      const toAt = fromAt + intervalMs;
      await pause(toAt - Date.now());
      const now = cpuUs(runner.pid);
      const late: number[] = [];
      for (const port of this.#ports) {
        const told = await this.#targets.ask<Told>({ take: port });
        for (const at of told.acceptedAt) late.push(afterItsPartMs(at, weights));
      }
      const heap = await runner.ask<Heap>();
      const minute = {
        rssMiB: memoryMiB(runner.pid).now,
        heap,
        usPerCheck: (now - before) / count,
        late: lateness(late),
      };
      [before, fromAt] = [now, toAt];
      const report = pause(ARRIVES_MS).then(async () => {
        const order = { stored: this.#url, fromAt: toAt - intervalMs, toAt };
        const { checks, notUp, reason, skipped, wokeLateMs } =
          await this.#worker.ask<Stored>(order);
        stored += checks;
        const whole = { ...minute, missed: count - checks, notUp, stored, skipped, wokeLateMs };
        seen.push(whole);
        console.log(row(round, whole));
        if (reason) console.log(`  not up: ${reason}`);
      });
      pending.push(report);
    }
    await Promise.all(pending);
    const said = runner.said();
    if (said) console.log(`the runner says: ${said.split('\n').slice(0, 5).join('\n  ')}`);
    return verdict(seen, intervalMs, memoryMiB(runner.pid).peak);
  }

  remove(): void {
    this.#runner?.kill();
    this.#targets.end();
    this.#worker.end();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

function verdict(seen: readonly Minute[], intervalMs: number, peakMiB: number): boolean {
  // One that came late enough to count for the next minute is not missed.
  const missed = Math.max(
    0,
    seen.reduce((sum, each) => sum + each.missed, 0),
  );
  const skipped = seen.at(-1)?.skipped ?? 0;
  const notUp = seen.reduce((sum, each) => sum + each.notUp, 0);
  const woke = middle(seen.flatMap(({ wokeLateMs }) => wokeLateMs ?? []));
  const p99 = middle(seen.map(({ late }) => late.p99));
  const settled = seen.slice(Math.floor(seen.length * WARM_SHARE));
  const perHour = 3_600_000 / intervalMs;
  const rss = slope(settled.map(({ rssMiB }) => rssMiB)) * perHour;
  const heap = slope(settled.map(({ heap: { usedMiB } }) => usedMiB)) * perHour;
  const isFlat = rss <= MOST_SLOPE_MIB_PER_HOUR;
  const isLong = settled.length >= 20;
  const judged = (ok: boolean) => (ok ? 'good' : 'BAD');
  const flat = isLong ? judged(isFlat) : 'too short a time to judge';
  console.log('');
  console.log(
    `missed ${missed} (left out by the runner, too late: ${skipped}): ${judged(missed === 0)}`,
  );
  console.log(`not up ${notUp}: ${judged(notUp === 0)}`);
  console.log(
    `late for a slot, p99 of each minute, in the middle ${woke.toFixed(1)} ms (at most ${MOST_LATE_MS}): ${judged(woke <= MOST_LATE_MS)}`,
  );
  console.log(`… until the target had the last of the slot, p99: ${p99.toFixed(1)} ms`);
  console.log(
    `memory after the first quarter: RSS ${signed(rss)} MiB an hour, heap in use ${signed(heap)}; at most ${MOST_SLOPE_MIB_PER_HOUR}: ${flat}`,
  );
  console.log(`RSS at most ${peakMiB.toFixed(0)} MiB`);
  console.log(
    `µs of CPU a check, in the middle: ${middle(seen.map(({ usPerCheck }) => usPerCheck)).toFixed(0)}`,
  );
  return missed === 0 && notUp === 0 && woke <= MOST_LATE_MS && (isFlat || !isLong);
}

function lateness(late: number[]): Minute['late'] {
  late.sort((a, b) => a - b);
  const at = (share: number) =>
    late[Math.min(late.length - 1, Math.floor(share * late.length))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), most: at(1) };
}

/** Per step: the middle of the slopes between all pairs, so that what the collector does in between counts little. */
function slope(values: readonly number[]): number {
  const slopes: number[] = [];
  for (const [later, value] of values.entries()) {
    for (let index = 0; index < later; index++) {
      slopes.push((value - (values[index] ?? 0)) / (later - index));
    }
  }
  return middle(slopes);
}

function middle(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(1)}`;
}

function row(
  round: number,
  { rssMiB, heap, usPerCheck, missed, notUp, late, stored, wokeLateMs }: Minute,
): string {
  return line([
    String(round),
    rssMiB.toFixed(1),
    heap.usedMiB.toFixed(1),
    heap.totalMiB.toFixed(1),
    heap.outsideMiB.toFixed(1),
    usPerCheck.toFixed(0),
    String(missed),
    String(notUp),
    wokeLateMs === null ? '' : wokeLateMs.toFixed(1),
    late.p50.toFixed(1),
    late.p99.toFixed(1),
    late.most.toFixed(0),
    String(stored),
  ]);
}

function line(cells: string[]): string {
  return cells.map((cell) => cell.padStart(9)).join('');
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
