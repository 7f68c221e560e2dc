// The figures of this machine, by the word in a target. A new one is its file, a line here, and a word in core/checks/machine.ts.
import { availableParallelism, loadavg, uptime } from 'node:os';
import { humanDuration } from '#core/duration.ts';
import { readCpu } from './cpu.ts';
import { readDisk, readInodes } from './disk.ts';
import { type ReadFigure, round } from './figure.ts';
import { readMemory, readSwap } from './memory.ts';
import { readNetwork } from './network.ts';
import { readTemperature } from './temperature.ts';

/** Programs that wanted to run, per core; the average of one minute. */
const readLoad: ReadFigure = async () => {
  const cores = availableParallelism();
  const [one = 0, five = 0, fifteen = 0] = loadavg();
  return {
    value: round(one / cores),
    unit: ' per core',
    metrics: [
      { name: 'load1', value: round(one) },
      { name: 'load5', value: round(five) },
      { name: 'load15', value: round(fifteen) },
    ],
  };
};

/** Minutes since the machine started. */
const readUptime: ReadFigure = async () => {
  const minutes = round(uptime() / 60);
  return {
    value: minutes,
    unit: ' min',
    say: (value) => humanDuration(value * 60_000),
    metrics: [{ name: 'uptime', value: minutes, unit: 'min' }],
  };
};

export const FIGURES: Readonly<Record<string, ReadFigure>> = {
  cpu: readCpu,
  load: readLoad,
  memory: readMemory,
  swap: readSwap,
  disk: readDisk,
  inodes: readInodes,
  network: readNetwork,
  temperature: readTemperature,
  uptime: readUptime,
};
