// A post of 500 results, part by part, with the worker's own functions: runs in Node and, bundled, in workerd.
import type { Client } from '@libsql/client';
import { isAssigned } from '#core/assign.ts';
import { decodeResults, envelopeSchema } from '#core/wire/results.ts';
import { readConfiguration } from '#db/plan.ts';
import { VIEW_COLUMNS, viewRecord, writableRow } from '#db/views.ts';
import { write } from '#db/write.ts';
import { verifyRunnerCall } from '#worker/auth/runnerToken.ts';
import { parseObject } from '#worker/ingest/body.ts';
import { foldResults, sortResults, storedResults } from '#worker/ingest/fold.ts';
import { resultsStatements, viewStatement } from '#worker/ingest/store.ts';

export interface SignedPost {
  token: string;
  body: string;
  publicKey: string;
  aud: string;
  runnerId: number;
  now: number;
}

export const PARTS = ['verify', 'parse', 'fold', 'write'] as const;
export type Part = (typeof PARTS)[number];

/** Gives what does one part once. What a part needs of those before it is there already. */
export async function ingestParts(
  client: Client,
  { token, body, publicKey, aud, runnerId, now }: SignedPost,
): Promise<Record<Part, () => Promise<unknown>>> {
  const db = { $client: client };
  const bytes = new TextEncoder().encode(body);
  const configuration = await readConfiguration(db, 0);
  const { rows } = await client.execute(`select ${VIEW_COLUMNS} from view v limit 1`);
  const view = rows[0] ? viewRecord(rows[0]) : null;
  const me = configuration.fleet.runners.find(({ id }) => id === runnerId);
  const post = { shard: 0, runnerId, stream: 'live' as const, seq: 9, boot: 'b', hash: 'h' };
  const parse = () => {
    const object = parseObject(bytes);
    const decoded = decodeResults(object, envelopeSchema.parse(object));
    if (!decoded.ok) throw new Error('the post is not right');
    return decoded.results;
  };
  const fold = (results: ReturnType<typeof parse>) => {
    const { byCheck } = sortResults(results, {
      planned: (id) => configuration.plan.byId.get(id),
      assigned: (check) => me !== undefined && isAssigned(check, me, configuration.fleet.locations),
      now,
      reachMs: 720 * 3_600_000,
    });
    const row = writableRow(view, now);
    const changed = foldResults(row, byCheck, 15_000, now);
    return { row, changed, stored: storedResults(byCheck) };
  };
  const results = parse();
  const folded = fold(results);
  return {
    verify: () =>
      verifyRunnerCall(
        {
          authorization: `Bearer ${token}`,
          method: 'POST',
          path: '/api/v1/runner/results',
          body: bytes,
          now,
        },
        publicKey,
        aud,
      ),
    parse: async () => parse(),
    fold: async () => fold(results),
    // The guard is never met, so that the rows stay as they are; all is sent and answered as ever.
    write: () => {
      const before = view && { ...view, seq: -1 };
      const made = { bytes: folded.row.bytes(), baseAt: folded.row.baseAt };
      return write(db, [
        viewStatement(post, before, made, now, true),
        ...resultsStatements(post, folded.stored, now),
      ]);
    },
  };
}
