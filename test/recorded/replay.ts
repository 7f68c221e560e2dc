// What a runner and a worker of an earlier version said to each other (npm run record), byte for byte, at its own time.
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { decodeResults, envelopeSchema, type Result } from '#core/wire/results.ts';
import type { TestPlatform } from '#test/support/platform.ts';
import { app } from '#worker/app.ts';
import type { Exchange, Recording } from '../../bin/tools/recording.ts';

const HERE = new URL('.', import.meta.url);

/** The versions there are recordings of. */
export const RECORDED = readdirSync(HERE, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

export function recordingOf(version: string): Recording {
  return JSON.parse(readFileSync(new URL(`${version}/traffic.json`, HERE), 'utf8')) as Recording;
}

/** The worker's database as it was in the middle of the recording, in a file of its own. */
export function databaseOf(version: string, folder: string): string {
  const file = join(mkdtempSync(join(folder, 'db-')), 'anyup.db');
  writeFileSync(file, gunzipSync(readFileSync(new URL(`${version}/worker.db.gz`, HERE))));
  return `file:${file}`;
}

/** Sends the requests to today's app when they were sent; "POST /api/v1/runner/results 200" of each. */
export async function replay(
  platform: TestPlatform,
  exchanges: readonly Exchange[],
): Promise<string[]> {
  const came: string[] = [];
  for (const { at, method, path, headers, body } of exchanges) {
    platform.advance(at - platform.now());
    const init = {
      method,
      headers,
      ...(method !== 'GET' && { body: Buffer.from(body, 'base64') }),
    };
    const answer = await app.request(path, init, platform);
    came.push(`${method} ${path} ${answer.status}`);
    await answer.text();
  }
  await platform.settle();
  return came;
}

/** The same lines as they were recorded. */
export function recordedLines(exchanges: readonly Exchange[]): string[] {
  return exchanges.map(({ method, path, answer }) => `${method} ${path} ${answer.status}`);
}

/** Every result that was posted. */
export function resultsIn(exchanges: readonly Exchange[]): Result[] {
  return exchanges
    .filter(({ path }) => path.endsWith('/results'))
    .flatMap(({ headers, body }) => {
      const bytes = Buffer.from(body, 'base64');
      const plain = headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
      const wire = JSON.parse(plain.toString()) as Record<string, unknown>;
      const decoded = decodeResults(wire, envelopeSchema.parse(wire));
      if (!decoded.ok) throw new Error(JSON.stringify(decoded.issues));
      return decoded.results;
    });
}
