import * as z from 'zod';
import { instant } from '#worker/actions/fields.ts';
import type { AppContext } from '#worker/platform.ts';
import { readSettings } from '#worker/settings.ts';
import type { StatusModel } from '#worker/status/model.ts';
import { readStatus } from '#worker/status.ts';
import { toJson } from '../json.ts';

const status = z.enum(['up', 'degraded', 'down', 'unknown']);
const level = z.int().min(100).max(999).nullable();
const rttUs = z.int().nullable();
const reason = z.object({ code: z.string(), text: z.string() });

/** `GET /api/v1/status` */
export const statusAnswer: z.ZodType<StatusModel> = z.object({
  status,
  level,
  asOf: instant,
  hosts: z.array(
    z.object({
      id: z.int(),
      name: z.string(),
      group: z.string(),
      status,
      level,
      since: instant.nullable(),
      paused: z.boolean(),
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
                .enum(['new', 'unconfirmed', 'stale', 'silent', 'blind', 'quarantined'])
                .nullable(),
              reason,
            }),
          ),
        }),
      ),
    }),
  ),
  runners: z.object({ active: z.int(), silent: z.int() }),
});

/** Addresses and particulars are for those who may sign in, unless the owner reveals them to all. */
export async function answerStatus(c: AppContext): Promise<Response> {
  const reveal = c.var.actor !== null || (await readSettings(c.env)).revealDetails;
  return new Response(toJson(await readStatus(c.env, { reveal })), {
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  });
}
