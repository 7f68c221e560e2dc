import * as z from 'zod';
import { instant } from '../fields.ts';

export const incidentModel = z.object({
  id: z.int(),
  hostId: z.int().nullable(),
  /** Empty when the host is gone. */
  host: z.string(),
  checkId: z.int(),
  check: z.string(),
  openedAt: instant,
  /** Null while it lasts. */
  closedAt: instant.nullable(),
  worst: z.string(),
  code: z.string(),
  text: z.string(),
});

export type IncidentModel = z.output<typeof incidentModel>;

export const incidentPage = z.object({
  incidents: z.array(incidentModel),
  /** Pass as `before` for the next page; null on the last. */
  next: z.int().nullable(),
});

export type IncidentPage = z.output<typeof incidentPage>;
