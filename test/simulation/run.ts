// For the command line: node --import ./bin/jsx.mjs test/simulation/run.ts --seed 7
import { parseArgs } from 'node:util';
import { simulate } from './simulate.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    from: { type: 'string' },
    seeds: { type: 'string' },
    story: { type: 'boolean' },
  },
});
const from = Number(values.from ?? values.seed ?? 1);
const count = Number(values.seeds ?? 1);
const started = performance.now();
for (let seed = from; seed < from + count; seed++) {
  const t = performance.now();
  const run = await simulate(String(seed));
  if (values.story) console.log(run.story.join('\n'));
  if (run.broken) console.log(`seed ${seed}: ${run.broken.law}\n    ${run.broken.text}`);
  if (count < 5)
    console.log(seed, run.hash, Math.round(performance.now() - t), 'ms', run.story.length);
}
console.log(`${count} in ${Math.round(performance.now() - started)} ms`);
