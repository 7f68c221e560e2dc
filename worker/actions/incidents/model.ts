import * as z from 'zod';
import { certificateSchema, evidencePackSchema, seenSchema } from '#core/wire/evidence.ts';
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

const { level, code, text, turn } = evidencePackSchema.shape;
const certificate = { ...certificateSchema.shape, notBeforeAt: instant, notAfterAt: instant };
const seen = z.object({ ...seenSchema.shape, chain: z.array(z.object(certificate)) });

/** What one runner saw when the check turned for it. */
export const evidenceModel = z.object({
  turn,
  at: instant,
  /** Null when the location or runner is gone. */
  location: z.string().nullable(),
  runnerId: z.int(),
  runner: z.string().nullable(),
  level,
  code,
  text,
  seen,
});

export type EvidenceModel = z.output<typeof evidenceModel>;

export const incidentWithEvidence = z.object({
  ...incidentModel.shape,
  evidence: z.array(evidenceModel),
});

export type IncidentWithEvidence = z.output<typeof incidentWithEvidence>;

export const incidentPage = z.object({
  incidents: z.array(incidentModel),
  /** Pass as `before` for the next page; null on the last. */
  next: z.int().nullable(),
});

export type IncidentPage = z.output<typeof incidentPage>;
