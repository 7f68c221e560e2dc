// What really happened to every measurement, seen from outside: probed, on a disk, in a post, in the store.
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { decodeResults, envelopeSchema, type Result } from '#core/wire/results.ts';
import type { HttpCall } from '#runner/platform.ts';
import { decodeFrames } from '#runner/spool/frame.ts';
import { decodeRows } from '#runner/spool/row.ts';
import { serialOf } from './target.ts';

export interface Probe {
  machine: string;
  /** Which start of the machine's runner. */
  life: number;
  answeredAt: number;
}

export interface Post {
  machine: string;
  results: Result[];
  /** When it was with the worker. */
  storedAt: number | null;
}

export interface Spooled {
  machine: string;
  result: Result;
  spooledAt: number;
}

export function hashOf(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('base64url');
}

export class Ledger {
  readonly probes = new Map<number, Probe>();
  readonly spooled = new Map<number, Spooled>();
  /** By the hash of the body. */
  readonly posts = new Map<string, Post>();
  readonly posted = new Set<number>();
  /** With the worker, for good or dropped by a rule. */
  readonly stored = new Set<number>();
  readonly dropped = new Set<number>();
  /** Posted without having been on a disk. */
  readonly unspooled: number[] = [];
  /** Bodies answered with 200. */
  readonly acknowledged: string[] = [];
  #serial = 0;

  nextSerial(): number {
    this.#serial++;
    return this.#serial;
  }

  appended(machine: string, path: string, bytes: Uint8Array, at: number): void {
    if (!path.startsWith('spool/')) return;
    for (const payload of decodeFrames(bytes).payloads) {
      for (const { result } of decodeRows(payload)) {
        this.spooled.set(serialOf(result), { machine, result, spooledAt: at });
      }
    }
  }

  /** Notes a post of results as it leaves the runner. */
  leaves(machine: string, { body, headers, url }: HttpCall): void {
    if (body === null || !url.endsWith('/results')) return;
    const hash = hashOf(body);
    if (this.posts.has(hash)) return;
    const plain = headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    const wire = JSON.parse(Buffer.from(plain).toString('utf8'));
    const decoded = decodeResults(wire, envelopeSchema.parse(wire));
    if (!decoded.ok)
      throw new Error(`a runner posts what cannot be read: ${decoded.issues[0]?.path}`);
    const { results } = decoded;
    this.posts.set(hash, { machine, results, storedAt: null });
    for (const result of results) {
      const serial = serialOf(result);
      this.posted.add(serial);
      if (!this.spooled.has(serial)) this.unspooled.push(serial);
    }
  }
}
