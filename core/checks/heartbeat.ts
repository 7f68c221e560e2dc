import * as z from 'zod';
import { nextCron, parseCron } from '../cron.ts';
import { duration } from '../duration.ts';
import { zoneField } from '../timetable.ts';
import type { WorkerCheckKind } from './kind.ts';
import { inferNamed, namedTarget } from './named.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const fields = z.object({
  target: namedTarget('heartbeat', 'nightly backup'),
  period: duration(MINUTE, 400 * DAY)
    .optional()
    .meta({
      title: 'Calls every',
      description: 'how long from one beat to the next; a day when nothing is said',
      placeholder: '1d',
    }),
  schedule: z
    .string()
    .trim()
    .max(200)
    .superRefine((text, context) => {
      const parsed = parseCron(text);
      if (typeof parsed === 'string') context.addIssue({ code: 'custom', message: parsed });
    })
    .optional()
    .meta({
      title: 'Or at these times',
      description: 'a cron expression; it goes before the period',
      placeholder: '30 2 * * 1-5',
    }),
  zone: zoneField
    .default('UTC')
    .meta({ title: 'Time zone', description: 'of the cron expression' }),
  grace: duration(0, 60 * DAY)
    .optional()
    .meta({
      title: 'Grace',
      description: 'how late a beat may be, and how long a run may take after /start',
      placeholder: '1h',
    }),
});

/** A job that calls a URL: it is missed when no call comes in time (core/beats.ts). */
export type HeartbeatSpec = z.output<typeof fields>;

export const heartbeat: WorkerCheckKind<HeartbeatSpec> = {
  title: 'Heartbeat (a job calls)',
  subject: 'target',
  invertible: false,
  schema: fields,
  fields,
  infer: (text) => inferNamed('heartbeat', text),
  addressOf: () => null,
  pacedBy: 'period',
  pace(spec) {
    const within = (ms: number) => Math.min(DAY, Math.max(MINUTE, ms));
    return { intervalMs: within(usualGapMs(spec)), timeoutMs: within(graceMs(spec)) };
  },
};

/** From one beat to the next, as a rule. */
function usualGapMs({ period = DAY, schedule, zone }: HeartbeatSpec): number {
  const cron = schedule === undefined ? null : parseCron(schedule);
  if (cron === null || typeof cron === 'string') return period;
  const first = nextCron(cron, zone, 0);
  return nextCron(cron, zone, first) - first;
}

/** A quarter of the period, between a minute and an hour, when nothing is said; an hour for a schedule. */
export function graceMs({ period = DAY, schedule, grace }: HeartbeatSpec): number {
  if (grace !== undefined) return grace;
  return schedule === undefined ? Math.min(HOUR, Math.max(MINUTE, period / 4)) : HOUR;
}
