import * as z from 'zod';
import { duration } from '../duration.ts';
import { FILE_PATH } from './file.ts';
import { type CheckKind, inferLocal, localTarget } from './kind.ts';
import { pattern } from './pattern.ts';

const count = z.int().min(1).max(1_000_000);

const fields = z.object({
  target: localTarget('log', FILE_PATH, 'must be an absolute path, like "/var/log/syslog"').meta({
    title: 'Log file',
    placeholder: 'log:/var/log/syslog',
  }),
  match: pattern.meta({ title: 'Lines that match', description: 'a regular expression' }),
  except: pattern.optional().meta({ title: 'But not those that match' }),
  within: duration(1000, 86_400_000).prefault('5m').meta({
    title: 'Counted over',
    description: 'lines written within this time before the look',
  }),
  degradedFrom: count.default(1).meta({ title: 'Degraded from so many lines' }),
  downFrom: count.optional().meta({ title: 'Down from so many lines' }),
});

/** Lines of a log on the runner's machine, followed as it grows and is rotated. */
export type LogSpec = z.output<typeof fields>;

export const log: CheckKind<LogSpec> = {
  title: 'Log on the runner',
  subject: 'runner',
  charted: 'Lines',
  schema: fields,
  fields,
  infer: inferLocal('log', FILE_PATH),
  addressOf: () => null,
};
