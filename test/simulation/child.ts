// A process of its own that lives through seeds and tells how each went.
import { parseArgs } from 'node:util';
import { plant } from './plant.ts';
import { PLANTS } from './planted.ts';

const { values } = parseArgs({
  options: {
    from: { type: 'string', default: '1' },
    step: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
    plant: { type: 'string' },
  },
});

const planted = PLANTS.find(({ name }) => name === values.plant);
if (planted) plant(planted);
// Only now, so that what is planted is loaded.
const { simulate } = await import('./simulate.ts');

const [from, step, seeds] = [Number(values.from), Number(values.step), Number(values.seeds)];
for (let seed = from; seed < from + seeds; seed += step) {
  const { broken } = await simulate(String(seed));
  process.send?.({ seed, broken });
  if (planted && broken) break;
}
process.disconnect?.();
