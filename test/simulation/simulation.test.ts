// Worlds that live: what the oracle promises of each is in laws/. `npm run simulate` lives through many more, and plants
// bugs (docs/reliability.md). A process of its own lives through them, since a world takes over timers and WebCrypto.
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import type { Report } from './child.ts';
import { ended, startChild } from './children.ts';
import { PLANTS } from './planted.ts';

/** So many at least, however slow the machine is; and more while there is time. */
const WORLDS = 100;
const SECONDS = 90;
/** A vote that came while the clock stood still; two runners of a location that differ. */
const ONCE_BROKEN = [267, 522, 18_781, 19_203];
/** Only a process that hangs takes longer. */
const PATIENCE_MS = 45 * 60_000;

const started: ChildProcess[] = [];

afterAll(() => {
  for (const child of started) child.kill();
});

async function live(args: string[], env: Record<string, string> = {}): Promise<Report[]> {
  const reports: Report[] = [];
  const child = startChild(args, (report) => reports.push(report), env);
  started.push(child);
  await ended(child);
  return reports;
}

describe('twenty minutes of outages, partitions, crashes and edits', () => {
  const reports: Report[] = [];

  it(
    `lose nothing, double nothing and tell the truth, in ${WORLDS} worlds and more`,
    async () => {
      reports.push(...(await live(['--seeds', String(WORLDS), '--for', String(SECONDS)])));
      const broken = reports.flatMap(({ seed, broken }) =>
        broken ? [`${broken.law}: ${broken.text} (npm run simulate -- --seed ${seed})`] : [],
      );
      expect(broken).toEqual([]);
      expect(reports.length).toBeGreaterThanOrEqual(WORLDS);
    },
    PATIENCE_MS,
  );

  it(
    'stay whole where they once showed a flaw',
    async () => {
      for (const seed of ONCE_BROKEN) {
        const [report] = await live(['--from', String(seed)]);
        expect(report).toMatchObject({ seed, broken: null });
      }
    },
    PATIENCE_MS,
  );

  it(
    'are the same for the same seed, whatever was lived through before and however threads are scheduled',
    async () => {
      const seeds = [41, 12, 7];
      const alone = await Promise.all(
        seeds.map((seed) => live(['--from', String(seed)], { UV_THREADPOOL_SIZE: '1' })),
      );
      const before = new Map(reports.map(({ seed, hash }) => [seed, hash]));
      for (const [index, seed] of seeds.entries()) {
        expect(alone[index]?.map(({ hash }) => hash)).toEqual([before.get(seed)]);
      }
      expect(new Set(before.values()).size).toBe(reports.length);
    },
    PATIENCE_MS,
  );
});

describe('the oracle', () => {
  it.each(PLANTS)('can be shown that $name', ({ file, from }) => {
    expect(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')).toContain(from);
  });

  it(
    'sees a bug that is planted',
    async () => {
      const plant = 'a judgement is written whatever has happened since it was read';
      const reports = await live(['--seeds', '50', '--plant', plant]);
      expect(reports.at(-1)?.broken?.law).toBe(
        'every flip follows from what was known when it was decided, and from the flip before',
      );
    },
    PATIENCE_MS,
  );
});
