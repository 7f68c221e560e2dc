import * as z from 'zod';
import { duration } from '../duration.ts';
import { type CheckKind, inferLocal, localTarget, WEIGHT } from './kind.ts';

const FIGURE =
  /^(cpu|load|memory|swap|temperature|uptime|network(:[\w.@-]{1,32})?|(disk|inodes):\/[^\0]{0,1000})$/;

const limit = z.number().min(0).max(1e9).optional();

const fields = z.object({
  target: localTarget(
    'machine',
    FIGURE,
    'must be cpu, load, memory, swap, temperature, uptime, network, network:<interface>, disk:<folder> or inodes:<folder>',
  ).meta({
    title: 'Figure',
    placeholder: 'machine:disk:/',
    description:
      'machine: and cpu, load, memory, swap, temperature, uptime, network, disk:<folder> or inodes:<folder>',
  }),
  degradedAbove: limit.meta({
    title: 'Degraded above',
    description: 'percent; load: per core; temperature: °C; network: Mbit/s; uptime: minutes',
  }),
  downAbove: limit.meta({ title: 'Down above' }),
  degradedBelow: limit.meta({
    title: 'Degraded below',
    description: 'uptime below 10: restarted within 10 minutes',
  }),
  downBelow: limit.meta({ title: 'Down below' }),
  sustained: duration(0, 86_400_000).prefault('0ms').meta({
    title: 'Sustained for',
    description: 'a limit counts once it was passed for all of this time',
    placeholder: '5m',
  }),
});

/** A figure of the machine that the runner is on, with limits. */
export type MachineSpec = z.output<typeof fields>;

export const machine: CheckKind<MachineSpec> = {
  title: 'Figure of the machine',
  subject: 'runner',
  charted: 'Figure',
  schema: fields,
  fields,
  infer: inferLocal('machine', FIGURE),
  weight: () => WEIGHT.figure,
  addressOf: () => null,
};
