import * as z from 'zod';
import { duration } from '../duration.ts';
import { ALIVE_TIMEOUT_MS } from '../report.ts';
import { type CheckKind, inferLocal, localTarget } from './kind.ts';

const WHO = /^runner$/;

const fields = z.object({
  target: localTarget('report', WHO, 'must be "runner": the one that this check is pinned to').meta(
    {
      title: 'Who reports',
      placeholder: 'report:runner',
    },
  ),
  aliveTimeout: duration(10_000, 86_400_000)
    .prefault(`${ALIVE_TIMEOUT_MS / 1000}s`)
    .meta({
      title: 'Silent after',
      description: 'without a report for this long the host is down, level 999',
    }),
});

/** That the runner reports at all: its silence is a fact about the host (docs/decisions/0014). */
export type ReportSpec = z.output<typeof fields>;

export const report: CheckKind<ReportSpec> = {
  title: 'The runner reports',
  subject: 'runner',
  charted: '',
  schema: fields,
  fields,
  infer: inferLocal('report', WHO),
  addressOf: () => null,
  mustReportMs: ({ aliveTimeout }) => aliveTimeout,
};
