import { readFile } from 'node:fs/promises';
import { percent, type ReadFigure } from './figure.ts';
import { libraryMemory } from './library.ts';

interface Memory {
  total: number;
  available: number;
  swapTotal: number;
  swapUsed: number;
}

/** What programs could not have any more without others giving it up. */
export const readMemory: ReadFigure = async () => {
  const { total, available } = await look();
  const value = percent(total - available, total);
  return {
    value,
    unit: ' %',
    metrics: [
      { name: 'memory', value, unit: '%' },
      { name: 'memory available', value: available, unit: 'B' },
    ],
  };
};

/** A machine without swap uses none of it. */
export const readSwap: ReadFigure = async () => {
  const { swapTotal, swapUsed } = await look();
  const value = percent(swapUsed, swapTotal);
  return {
    value,
    unit: ' %',
    metrics: [
      { name: 'swap', value, unit: '%' },
      { name: 'swap used', value: swapUsed, unit: 'B' },
    ],
  };
};

async function look(): Promise<Memory> {
  return process.platform === 'linux' ? memoryOfLinux() : libraryMemory();
}

export async function memoryOfLinux(): Promise<Memory> {
  const text = await readFile('/proc/meminfo', 'latin1');
  const bytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0) * 1024;
  return {
    total: bytes('MemTotal'),
    available: bytes('MemAvailable') || bytes('MemFree'),
    swapTotal: bytes('SwapTotal'),
    swapUsed: bytes('SwapTotal') - bytes('SwapFree'),
  };
}
