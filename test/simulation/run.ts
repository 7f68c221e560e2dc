// The command behind `npm run simulate`: seeds on all cores, and the first broken law shrunk to a short story.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import type { Report } from './child.ts';
import { ended, startChild } from './children.ts';
import { PLANTS, type Plant } from './planted.ts';
import { shrink } from './shrink.ts';
import { NO_COUNTS, simulate } from './simulate.ts';

const SAY_EVERY_MS = 10_000;

const { values } = parseArgs({
  options: {
    /** One seed, told in full. */
    seed: { type: 'string' },
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    planted: { type: 'boolean', default: false },
    /** Of the planted bugs only those whose name holds this. */
    only: { type: 'string', default: '' },
  },
});

const count = Number(values.seeds);
const from = Number(values.from);
const jobs = Number(values.jobs);
const say = (line: string) => console.log(line);
/** In this process a world is simulated only when the one before it has ended: they share what was made of time. */
let before: Promise<unknown> = Promise.resolve();

if (values.seed !== undefined) await tell(values.seed);
else if (values.planted) await runPlanted();
else await runSeeds();

async function tell(seed: string): Promise<void> {
  const run = await simulate(seed);
  for (const line of run.story) say(line);
  say(
    `seed ${seed}: ${run.broken ? `${run.broken.law}: ${run.broken.text}` : 'every law held'} (${run.hash})`,
  );
  if (run.broken) await tellShort(seed);
}

async function runSeeds(): Promise<void> {
  const broken: Report[] = [];
  const sum = { ...NO_COUNTS };
  const started = performance.now();
  let done = 0;
  const progress = setInterval(() => {
    const perSecond = done / ((performance.now() - started) / 1000);
    say(`${done} of ${count} seeds, ${perSecond.toFixed(1)} a second, ${broken.length} broken`);
  }, SAY_EVERY_MS);
  const each = (report: Report) => {
    done++;
    for (const key of ['results', 'flips', 'messages'] as const) sum[key] += report.counts[key];
    if (!report.broken) return;
    broken.push(report);
    say(`seed ${report.seed}: ${report.broken.law}: ${report.broken.text}`);
  };
  await Promise.all(
    Array.from({ length: jobs }, (_, job) =>
      ended(
        startChild(
          ['--from', String(from + job), '--step', String(jobs), '--seeds', String(count - job)],
          each,
        ),
      ),
    ),
  );
  clearInterval(progress);
  const seconds = Math.round((performance.now() - started) / 1000);
  say(`${done} seeds in ${seconds} s, ${broken.length} broken`);
  say(`${sum.results} results stored, ${sum.flips} flips, ${sum.messages} messages read`);
  for (const { seed, broken: was } of broken)
    say(`  npm run simulate -- --seed ${seed}    ${was?.law}`);
  const first = broken.sort((a, b) => a.seed - b.seed)[0];
  if (done < count || first) process.exitCode = 1;
  if (first) await tellShort(String(first.seed));
}

/** Each planted bug until a seed catches it. */
async function runPlanted(): Promise<void> {
  const queue = PLANTS.filter(({ name }) => name.includes(values.only));
  const work = async () => {
    for (let plant = queue.shift(); plant; plant = queue.shift()) await runPlant(plant);
  };
  await Promise.all(Array.from({ length: jobs }, work));
}

/** A seed that breaks without the bug too has caught nothing. */
async function runPlant({ name }: Plant): Promise<void> {
  let next = from;
  while (next < from + count) {
    const report = await firstBroken(name, next, from + count - next);
    if (!report?.broken) break;
    next = report.seed + 1;
    if (await breaksByItself(String(report.seed))) continue;
    const { law, text } = report.broken;
    say(`caught after ${next - from} seeds: ${name}\n    ${law}: ${text.split('\n')[0]}`);
    return;
  }
  say(`NOT CAUGHT in ${count} seeds: ${name}`);
  process.exitCode = 1;
}

function breaksByItself(seed: string): Promise<boolean> {
  const breaks = before.then(async () => (await simulate(seed)).broken !== null);
  before = breaks;
  return breaks;
}

async function firstBroken(plant: string, first: number, most: number): Promise<Report | null> {
  let caught: Report | null = null;
  const args = ['--from', String(first), '--seeds', String(most), '--plant', plant];
  await ended(
    startChild(args, (report) => {
      if (report.broken) caught = report;
    }),
  );
  return caught;
}

async function tellShort(seed: string): Promise<void> {
  say(`\nshrinking seed ${seed} …`);
  const { plan, story, broken } = await shrink(seed, (step) => say(`  ${step}`));
  say(
    `\nthe short story: ${plan.faults.length} faults, ${plan.machines.length} runners, ${plan.isolates} workers`,
  );
  for (const line of story.slice(-120)) say(`  ${line}`);
  say(`${broken?.law}: ${broken?.text}`);
}
