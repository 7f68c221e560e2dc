import * as z from 'zod';
import { instant, nameField } from '../fields.ts';

export const maintenanceModel = z.object({
  id: z.int(),
  title: z.string(),
  note: z.string(),
  /** Ids; both null = every host. */
  hosts: z.array(z.int()).nullable(),
  groups: z.array(z.string()).nullable(),
  from: instant,
  until: instant,
});

export type MaintenanceModel = z.output<typeof maintenanceModel>;

const time = z.iso
  .datetime({ offset: true, error: 'must be an instant like 2026-11-21T09:00:00Z' })
  .transform((text) => Date.parse(text));

const hostId = z.preprocess(
  (value) => (typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value),
  z.int().min(1),
);

/** What a person says of planned work. */
export const maintenanceFields = {
  title: nameField(),
  note: z.string().trim().max(1000).default(''),
  hosts: z
    .array(hostId)
    .max(1000)
    .nullable()
    .default(null)
    .meta({ description: 'ids; with groups null too, it is for every host' }),
  groups: z.array(z.string().trim().max(100)).max(100).nullable().default(null),
  from: time.optional().meta({ description: 'an instant; absent = now' }),
  until: time,
};

export const maintenanceInput = z.strictObject(maintenanceFields);
export type MaintenanceInput = z.output<typeof maintenanceInput>;
