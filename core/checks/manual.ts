import * as z from 'zod';
import type { WorkerCheckKind } from './kind.ts';
import { inferNamed, namedTarget } from './named.ts';

const fields = z.object({ target: namedTarget('manual', 'the front door') });

/** A status that a person sets. */
export type ManualSpec = z.output<typeof fields>;

export const manual: WorkerCheckKind<ManualSpec> = {
  title: 'Set by hand',
  subject: 'target',
  invertible: false,
  schema: fields,
  fields,
  infer: (text) => inferNamed('manual', text),
  addressOf: () => null,
  pace: () => ({ intervalMs: 86_400_000, timeoutMs: 60_000 }),
};
