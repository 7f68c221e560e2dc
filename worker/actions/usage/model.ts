import * as z from 'zod';
import { DATABASE_PLAN_NAMES, WORKER_PLAN_NAMES } from '#core/meter/plans.ts';
import { instant } from '../fields.ts';

const count = z.object({ rowsRead: z.int(), rowsWritten: z.int(), requests: z.int() });
const limits = z.object({
  rowsRead: z.int().nullable(),
  rowsWritten: z.int().nullable(),
  requests: z.int().nullable(),
});

/** Null = no limit, or not enough counted to say. */
const period = z.object({
  counted: count,
  projected: count.nullable(),
  /** Of a day: its part of the month, where the plan is by the month. */
  limits,
});

const plan = {
  title: z.string(),
  /** What happens beyond what is included. */
  beyond: z.enum(['blocked', 'billed', 'nothing']),
  /** When its limits were read, a date. */
  asOf: z.string().nullable(),
};

export const usageModel = z.object({
  asOf: instant,
  /** Rows are counted by the database; a file of one's own is not billed. */
  billed: z.boolean(),
  plans: z.object({
    database: z.object({ name: z.enum(DATABASE_PLAN_NAMES), ...plan }),
    worker: z.object({ name: z.enum(WORKER_PLAN_NAMES), ...plan }),
  }),
  /** UTC days and months, as plans have them. */
  today: period,
  month: period,
  storage: z.object({
    bytes: z.int(),
    counted: z.boolean().meta({ description: 'false = estimated' }),
    limit: z.int().nullable(),
  }),
  flush: z.object({
    /** How often runners post. */
    every: z.string(),
    by: z.enum(['person', 'plan', 'platform']),
    why: z.string(),
  }),
  /** Looks that the worker makes itself a minute: not billed, but a run may make only so many. */
  fromWorker: z.object({
    on: z.boolean(),
    possible: z.boolean(),
    checks: z.int(),
    wanted: z
      .number()
      .meta({ description: 'what its checks come to, without redirects and repeats' }),
    most: z.int(),
  }),
  /** What a check from every location would add a day, by its interval. */
  oneMoreCheck: z.array(
    z.object({
      interval: z.string(),
      locations: z.int(),
      rowsWritten: z.int(),
      rowsRead: z.int(),
      requests: z.int(),
      /** Of what a day may use, at most; null = no limits. */
      share: z.number().nullable(),
    }),
  ),
});

export type UsageModel = z.output<typeof usageModel>;
