import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { percent, type ReadFigure } from './figure.ts';
import { Memo } from './memo.ts';

/** At the first look there is nothing to compare with. */
const FIRST_LOOK_MS = 500;

/** Time since the start by what was done in it, in any unit. */
interface Times {
  user: number;
  system: number;
  waiting: number;
  stolen: number;
  idle: number;
}

const last = new Memo<Times>();

/** Share of all processors that was busy since the last look. */
export const readCpu: ReadFigure = async (_, identity) => {
  const before = last.get(identity) ?? (await firstLook());
  const now = await readTimes();
  last.set(identity, now);
  const spent = (name: keyof Times) => Math.max(0, now[name] - before[name]);
  const names = ['user', 'system', 'waiting', 'stolen', 'idle'] as const;
  const whole = names.reduce((sum, name) => sum + spent(name), 0);
  const busy = whole - spent('idle') - spent('waiting');
  return {
    value: percent(busy, whole),
    unit: ' %',
    metrics: [
      { name: 'cpu', value: percent(busy, whole), unit: '%' },
      ...names
        .filter((name) => name !== 'idle')
        .map((name) => ({ name: `cpu ${name}`, value: percent(spent(name), whole), unit: '%' })),
    ],
  };
};

async function firstLook(): Promise<Times> {
  const times = await readTimes();
  await pause(FIRST_LOOK_MS);
  return times;
}

async function readTimes(): Promise<Times> {
  if (process.platform !== 'linux') return timesByNode();
  const [line = ''] = (await readFile('/proc/stat', 'latin1')).split('\n', 1);
  const [user = 0, nice = 0, system = 0, idle = 0, waiting = 0, irq = 0, softirq = 0, stolen = 0] =
    line.trim().split(/\s+/).slice(1).map(Number);
  return { user: user + nice, system: system + irq + softirq, waiting, stolen, idle };
}

function timesByNode(): Times {
  const sum: Times = { user: 0, system: 0, waiting: 0, stolen: 0, idle: 0 };
  for (const { times } of cpus()) {
    sum.user += times.user + times.nice;
    sum.system += times.sys + times.irq;
    sum.idle += times.idle;
  }
  return sum;
}
