import type { StatsFs } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { codeOf, Failure } from '../failure.ts';
import { type Figure, percent, type ReadFigure } from './figure.ts';

/** How full the disk under a folder is, as those see it who are not root. */
export const readDisk: ReadFigure = (folder) =>
  look(folder, ({ blocks, bfree, bavail, bsize }) => {
    const used = blocks - bfree;
    const value = percent(used, used + bavail);
    return {
      value,
      unit: ' %',
      metrics: [
        { name: 'disk', value, unit: '%' },
        { name: 'disk free', value: bavail * bsize, unit: 'B' },
      ],
    };
  });

/** Some file systems count none: then none are used. */
export const readInodes: ReadFigure = (folder) =>
  look(folder, ({ files, ffree }) => {
    const value = percent(files - ffree, files);
    return { value, unit: ' %', metrics: [{ name: 'inodes', value, unit: '%' }] };
  });

async function look(folder: string, tell: (stats: StatsFs) => Figure): Promise<Figure | Failure> {
  try {
    return tell(await statfs(folder));
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') return new Failure('machine.missing', `there is no ${folder}`);
    return new Failure('unable.machine', `${folder} cannot be looked at (${code})`);
  }
}
