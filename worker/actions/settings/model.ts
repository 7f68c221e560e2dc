import * as z from 'zod';

export const settingsModel = z.object({
  /** Heading of the status page. */
  title: z.string(),
  /** Public answers carry addresses and full reasons. */
  revealDetails: z.boolean(),
  /** How often runners post; null = as the platform says. */
  flush: z.string().nullable(),
});

export type SettingsModel = z.output<typeof settingsModel>;
