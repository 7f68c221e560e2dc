import * as z from 'zod';
import { instant } from '#worker/actions/fields.ts';
import type { AppContext } from '#worker/platform.ts';
import { readPage } from '#worker/snapshot/read.ts';
import type { StatusModel } from '#worker/status/model.ts';
import { readStatus } from '#worker/status.ts';
import { toJson } from '../json.ts';
import { answerKept, keepForNobody } from '../kept.ts';

const status = z.enum(['up', 'degraded', 'down', 'unknown']);
const level = z.int().min(100).max(999).nullable();
const rttUs = z.int().nullable();
const reason = z.object({ code: z.string(), text: z.string() });

/** `GET /api/v1/status` */
export const statusAnswer: z.ZodType<StatusModel & { stale: boolean }> = z.object({
  status,
  level,
  asOf: instant,
  /** The database does not answer: it was so then. */
  stale: z.boolean(),
  hosts: z.array(
    z.object({
      id: z.int(),
      name: z.string(),
      group: z.string(),
      status,
      level,
      since: instant.nullable(),
      paused: z.boolean(),
      maintenance: z.object({ title: z.string(), until: instant }).nullable(),
      checks: z.array(
        z.object({
          id: z.int(),
          name: z.string(),
          kind: z.string(),
          target: z.string(),
          status,
          level,
          rttUs,
          since: instant.nullable(),
          reason,
          sentence: z.string(),
          disputed: z.boolean(),
          paused: z.boolean(),
          locations: z.array(
            z.object({
              location: z.string(),
              status,
              level,
              rttUs,
              at: instant.nullable(),
              missing: z
                .enum(['new', 'unconfirmed', 'stale', 'unable', 'silent', 'blind', 'quarantined'])
                .nullable(),
              reason,
            }),
          ),
        }),
      ),
    }),
  ),
  runners: z.object({ active: z.int(), silent: z.int() }),
  /** Anyup itself did not run: since when nothing is known. */
  deafSinceAt: z.exactOptional(instant.nullable()),
  /** Planned work that is under way or to come. */
  maintenances: z.array(
    z.object({
      id: z.int(),
      title: z.string(),
      from: instant,
      until: instant,
      hostIds: z.array(z.int()).nullable(),
    }),
  ),
});

/** Who may sign in gets addresses and particulars, as of this moment; anyone else what the page shows. */
export async function answerStatus(c: AppContext): Promise<Response> {
  const type = 'application/json';
  if (c.var.actor) {
    const model = await readStatus(c.env, { reveal: true });
    keepForNobody(c);
    return c.body(toJson({ ...model, stale: false }), 200, { 'content-type': type });
  }
  const page = await readPage(c.env);
  const { model, stale } = page;
  return answerKept(c, page, { name: 'json', type }, () => toJson({ ...model, stale }));
}
