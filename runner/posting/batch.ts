// A batch: results that fit one post, with the very bytes that are sent, however often.
import { gzipSync } from 'node:zlib';
import type { RunnerHealth } from '#core/wire/health.ts';
import { encodeResults, MAX_BODY_BYTES, MAX_RESULTS } from '#core/wire/results.ts';
import type { Payload } from '#runner/client.ts';
import type { Held } from '#runner/spool/spool.ts';

/** Below this, gzip costs more than it saves. */
const GZIP_ABOVE_BYTES = 1024;

export interface Batch {
  held: Held[];
  payload: Payload;
  /** The dropped results it tells of. */
  lost: number;
}

export interface Head {
  sentAt: number;
  configVersion: number;
  lost: number;
  /** What the runner says of itself, when it is time. */
  runner?: RunnerHealth | undefined;
}

/** As many results from the front of `held` as fit one post, at most `most`. None makes an empty post. */
export function makeBatch(held: readonly Held[], most: number, head: Head): Batch {
  let count = Math.min(held.length, most, MAX_RESULTS);
  for (;;) {
    const taken = held.slice(0, count);
    const results = taken.map(({ result }) => result);
    const bytes = Buffer.from(JSON.stringify(encodeResults(results, head)));
    if (bytes.byteLength <= MAX_BODY_BYTES || count <= 1) {
      const gzip = bytes.byteLength > GZIP_ABOVE_BYTES;
      return {
        held: taken,
        payload: { bytes: gzip ? gzipSync(bytes) : bytes, gzip },
        lost: head.lost,
      };
    }
    count = Math.ceil(count / 2);
  }
}
