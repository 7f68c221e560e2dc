import * as z from 'zod';
import { type CheckKind, inferLocal, localTarget, WEIGHT } from './kind.ts';
import { pattern } from './pattern.ts';

const NAME = /^[^\0/\n]{1,100}$/;

const fields = z.object({
  target: localTarget('process', NAME, 'must be the name of a program, like "nginx"').meta({
    title: 'Program',
    placeholder: 'process:nginx',
  }),
  command: pattern.optional().meta({
    title: 'Command line matches',
    description: 'a regular expression; only these are counted',
  }),
  min: z.int().min(0).max(100_000).default(1).meta({ title: 'At least' }),
  max: z.int().min(0).max(100_000).optional().meta({ title: 'At most' }),
});

/** How many processes of a program run on the runner's machine. */
export type ProcessSpec = z.output<typeof fields>;

export const processes: CheckKind<ProcessSpec> = {
  title: 'Process on the runner',
  subject: 'runner',
  charted: 'Processes',
  schema: fields,
  fields,
  infer: inferLocal('process', NAME),
  weight: () => WEIGHT.process,
  addressOf: () => null,
};
