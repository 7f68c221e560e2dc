// Backup and restore: one stream out, one stream in.
import * as z from 'zod';
import { countField } from '#worker/actions/fields.ts';
import { parseInput } from '#worker/actions/parse.ts';
import { backupText, streamed } from '#worker/backup/download.ts';
import { restore } from '#worker/backup/restore.ts';
import type { Actor, AppContext } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';

/** `?full` and `?full=true`; not `?full=false`. */
const flag = z
  .enum(['', 'true', 'false', '1', '0'])
  .default('false')
  .transform((text) => text === '' || text === 'true' || text === '1');

export const backupQuery = z.strictObject({
  full: flag.meta({ description: 'history too, as NDJSON' }),
});

export const restoreQuery = z.strictObject({
  'dry-run': flag.meta({ description: 'only say what it would change' }),
  replace: flag.meta({ description: 'remove what the backup has not' }),
  from: countField(0, 1e12)
    .default(0)
    .meta({ description: 'lines of history that are restored already' }),
});

const change = z.object({
  what: z.enum(['setting', 'location', 'host', 'check', 'channel', 'rule']),
  name: z.string(),
  change: z.enum(['created', 'changed', 'left', 'removed']),
  fields: z.array(z.string()).optional(),
});

export const restoreAnswer = z.object({
  dryRun: z.boolean(),
  changes: z.array(change),
  warnings: z.array(z.string()),
  history: z
    .object({
      lines: z.int(),
      rows: z.record(z.string(), z.int()),
      skipped: z.int(),
      complete: z.boolean(),
    })
    .nullable(),
});

const DAY_CHARS = 10;

export async function answerBackup(c: AppContext): Promise<Response> {
  const { full } = parseInput(backupQuery, c.req.query());
  const text = backupText(c.env, c.var.actor as Actor, { full });
  // What is refused is refused before the answer begins.
  const first = await text.next();
  const body = streamed(prepend(first, text));
  const day = new Date(c.env.now()).toISOString().slice(0, DAY_CHARS);
  const name = full ? `anyup-${day}-full.ndjson` : `anyup-${day}.json`;
  return new Response(body, {
    headers: {
      'content-type': full ? 'application/x-ndjson' : 'application/json',
      'content-disposition': `attachment; filename="${name}"`,
      'cache-control': 'no-store',
    },
  });
}

export async function answerRestore(c: AppContext): Promise<Response> {
  const query = parseInput(restoreQuery, c.req.query());
  const { body } = c.req.raw;
  if (body === null)
    throw new Problem('bad_request', { detail: 'The body is empty; send a backup.' });
  const { replace, from } = query;
  const options = { dryRun: query['dry-run'], replace, from };
  const report = await restore(c.env, c.var.actor as Actor, body, options);
  return c.json(report, 200, { 'cache-control': 'no-store' });
}

async function* prepend<T>(
  first: IteratorResult<T, void>,
  rest: AsyncGenerator<T>,
): AsyncGenerator<T> {
  if (!first.done) yield first.value;
  yield* rest;
}
