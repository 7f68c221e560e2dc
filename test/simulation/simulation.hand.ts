// Run by hand: `npx vitest run --config test/simulation/vitest.config.ts`. It joins `npm test` when the same seed gives the
// same log every time: the first world of a process still differs in about one run of three (docs/decisions/0010).
// Worlds that live: what the oracle promises of each is in laws/. `npm run simulate` lives through many more.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { PLANTS } from './planted.ts';
import { simulate } from './simulate.ts';

const WORLDS = 100;
const A_TEST = 10;

const firsts = Array.from({ length: WORLDS / A_TEST }, (_, index) => index * A_TEST + 1);

describe('twenty minutes of outages, partitions, crashes and edits', () => {
  it.each(firsts)(
    'lose and double nothing, in ten worlds from seed %i on',
    async (first) => {
      const broken: string[] = [];
      for (let seed = first; seed < first + A_TEST; seed++) {
        const run = await simulate(String(seed));
        if (run.broken) broken.push(`seed ${seed}: ${run.broken.law}: ${run.broken.text}`);
      }
      expect(broken).toEqual([]);
    },
    120_000,
  );

  it('are the same for the same seed, whatever was lived through before', async () => {
    const hashes: string[] = [];
    for (const seed of ['7', '12', '7', '12']) hashes.push((await simulate(seed)).hash);
    const [first, second, again, secondAgain] = hashes;
    expect(again).toBe(first);
    expect(secondAgain).toBe(second);
    expect(first).not.toBe(second);
  }, 60_000);
});

describe('the oracle', () => {
  it('sees a bug that is planted', async () => {
    const [{ name } = { name: '' }] = PLANTS;
    const laws = await lawsBrokenWith(name, 20);
    expect(laws).toContain(
      'every flip follows from what was known when it was decided, and from the flip before',
    );
  }, 120_000);
});

function lawsBrokenWith(plant: string, seeds: number): Promise<string[]> {
  const laws: string[] = [];
  const jsx = new URL('../../bin/jsx.mjs', import.meta.url).href;
  const child = fork(
    fileURLToPath(new URL('child.ts', import.meta.url)),
    ['--seeds', String(seeds), '--plant', plant],
    { execArgv: ['--import', jsx] },
  );
  child.on('message', ({ broken }: { broken: { law: string } | null }) => {
    if (broken) laws.push(broken.law);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', () => resolve(laws));
  });
}
