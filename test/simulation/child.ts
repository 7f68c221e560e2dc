// A process of its own that lives through seeds and tells how each went.
import { parseArgs } from 'node:util';
import { plant } from './plant.ts';
import { PLANTS } from './planted.ts';
import type { Run } from './simulate.ts';

/** What is told of each seed. */
export interface Report extends Pick<Run, 'broken' | 'hash' | 'counts'> {
  seed: number;
}

const { values } = parseArgs({
  options: {
    from: { type: 'string', default: '1' },
    step: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
    /** Goes on to further seeds until so many seconds have passed. */
    for: { type: 'string', default: '0' },
    plant: { type: 'string' },
  },
});

// Nobody is left to tell.
process.on('disconnect', () => process.exit());

const planted = PLANTS.find(({ name }) => name === values.plant);
if (planted) plant(planted);
// Only now, so that what is planted is loaded.
const { simulate } = await import('./simulate.ts');

const [from, step, seeds] = [Number(values.from), Number(values.step), Number(values.seeds)];
const untilMs = Number(values.for) * 1000;
for (let seed = from; seed < from + seeds || performance.now() < untilMs; seed += step) {
  const { broken, hash, counts } = await simulate(String(seed));
  process.send?.({ seed, broken, hash, counts } satisfies Report);
  if (planted && broken) break;
}
process.disconnect?.();
