import * as z from 'zod';
import { duration } from '#core/duration.ts';
import { DATABASE_PLAN_NAMES, WORKER_PLAN_NAMES } from '#core/meter/plans.ts';
import { JOIN_POLICIES } from '#worker/settings.ts';
import { nameField } from '../fields.ts';

export const settingsModel = z.object({
  /** Heading of the status page. */
  title: z.string(),
  /** Public answers carry addresses and full reasons. */
  revealDetails: z.boolean(),
  /** How often runners post; null = as the plan and the platform say. */
  flush: z.string().nullable(),
  /** What the meter compares with; null = as the platform suggests. */
  planDatabase: z.enum(DATABASE_PLAN_NAMES).nullable(),
  planWorker: z.enum(WORKER_PLAN_NAMES).nullable(),
  /** How runners join: by code only, or without one to wait for approval, or at once but without a place. */
  joinPolicy: z.enum(JOIN_POLICIES),
  /** The worker itself looks at what names the location "This worker". */
  fromWorker: z.boolean(),
});

export type SettingsModel = z.output<typeof settingsModel>;

export const settingsPatch = z.strictObject({
  title: nameField().optional(),
  revealDetails: z.boolean().optional(),
  flush: duration(1000, 300_000).nullable().optional().meta({
    description: 'how often runners post, like "15s"; null = as the plan and the platform say',
  }),
  planDatabase: z.enum(DATABASE_PLAN_NAMES).nullable().optional().meta({
    description: 'the plan of the database; null = as the platform suggests',
  }),
  planWorker: z.enum(WORKER_PLAN_NAMES).nullable().optional().meta({
    description: 'the plan of the worker; null = as the platform suggests',
  }),
  joinPolicy: z.enum(JOIN_POLICIES).optional().meta({
    description:
      'code: runners join by code only; ask: without one they wait for approval; auto: they join at once and have no vote until they get a location',
  }),
  fromWorker: z.boolean().optional().meta({
    description:
      'the worker itself looks at http and tcp checks that name the location "This worker"',
  }),
});

export type SettingsPatch = z.output<typeof settingsPatch>;
