// A runner made for tests: a real key, real signatures, the real wire form; what it says is up to the test.
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import * as jose from 'jose';
import { type AssignmentsAnswer, assignmentsAnswerSchema } from '#core/wire/assignments.ts';
import type { Stream } from '#core/wire/claims.ts';
import { type Capabilities, capabilitiesSchema, enrollAnswerSchema } from '#core/wire/enroll.ts';
import type { EvidencePack } from '#core/wire/evidence.ts';
import type { RunnerHealth } from '#core/wire/health.ts';
import { encodeResults, type Result } from '#core/wire/results.ts';
import { write } from '#db/write.ts';
import { hashJoinCode } from '#worker/auth/joinCode.ts';
import type { Platform } from '#worker/platform.ts';

/** Asks a worker: `app.request` with a platform, or `fetch` with a base URL. */
export type Ask = (path: string, init?: RequestInit) => Promise<Response>;

/** Makes a join code straight in the database, for a location by name (made when it is new). */
export async function makeJoinCode(
  platform: Pick<Platform, 'db' | 'now'>,
  options: { location?: string; name?: string; uses?: number; ttlMs?: number } = {},
): Promise<string> {
  const code = randomBytes(16).toString('base64url');
  const now = platform.now();
  let locationId: number | null = null;
  if (options.location !== undefined) {
    const [, found] = await write(platform.db, [
      {
        sql: 'insert into location (name, created_at) values (?, ?) on conflict (name) do nothing',
        args: [options.location, now],
      },
      { sql: 'select id from location where name = ?', args: [options.location] },
    ]);
    locationId = Number(found?.rows[0]?.id);
  }
  await write(platform.db, [
    {
      sql: `insert into join_code (hash, name, location_id, uses_left, expires_at, created_at)
            values (?, ?, ?, ?, ?, ?)`,
      args: [
        await hashJoinCode(code),
        options.name ?? null,
        locationId,
        options.uses ?? 1,
        now + (options.ttlMs ?? 15 * 60_000),
        now,
      ],
    },
  ]);
  return code;
}

export interface RunnerKey {
  privateKey: jose.CryptoKey;
  /** The `x` of its JWK. */
  x: string;
}

export async function makeRunnerKey(): Promise<RunnerKey> {
  const { privateKey, publicKey } = await jose.generateKeyPair('EdDSA', { crv: 'Ed25519' });
  const { x = '' } = await jose.exportJWK(publicKey);
  return { privateKey, x };
}

/** Signs one call as docs/protocol.md says; `claims` replaces or adds. */
export async function signCall(
  key: RunnerKey,
  call: { method: string; path: string; body: Uint8Array; now: number },
  claims: Record<string, unknown>,
): Promise<string> {
  const iat = Math.floor(call.now / 1000);
  return new jose.SignJWT({
    htm: call.method,
    htu: call.path.split('?')[0],
    iat,
    exp: iat + 60,
    jti: randomUUID(),
    body: createHash('sha256').update(call.body).digest('base64url'),
    ...claims,
  })
    .setProtectedHeader({ alg: 'EdDSA' })
    .sign(key.privateKey);
}

/** A runner with nothing to complain of. */
export const WELL: RunnerHealth = {
  version: '0.0.0-test',
  skewMs: 0,
  spoolDepth: 0,
  oldestSpooledAt: null,
  lost: 0,
  checks: 1,
  latenessP50Ms: 1,
  latenessP99Ms: 4,
  skipped: 0,
  cpu: 0.01,
  rssBytes: 60_000_000,
  canaries: [],
  blindSinceAt: null,
  rejected: { count: 0, lastReason: null },
};

export interface PostOptions {
  shard?: number;
  stream?: Stream;
  /** Default: one above the last post of this shard and stream. */
  seq?: number;
  gzip?: boolean;
  configVersion?: number;
  /** What the runner says of itself. */
  health?: Partial<RunnerHealth>;
  /** Replaces the body as encoded, for posts that are wrong. */
  body?: unknown;
  claims?: Record<string, unknown>;
}

/** One reading of a check as up, at a time; override what matters to the test. */
export function result(checkId: number, at: number, overrides: Partial<Result> = {}): Result {
  return { checkId, rev: 1, at, level: 100, rttUs: 1500, code: 'ok', text: '', ...overrides };
}

/** What a runner saw of a server that answered badly. */
export function evidencePack(checkId: number, at: number): EvidencePack {
  return {
    v: 1,
    checkId,
    turn: 'failure',
    at,
    level: 500,
    code: 'http.status',
    text: 'HTTP 500, expected 200-399',
    seen: {
      addresses: ['192.0.2.7', '2001:db8::7'],
      peer: '192.0.2.7',
      chain: [
        {
          subject: 'CN=example.org',
          issuer: 'CN=Some CA, O=Some',
          names: 'DNS:example.org, DNS:www.example.org',
          notBeforeAt: at - 60 * 86_400_000,
          notAfterAt: at + 30.5 * 86_400_000,
          fingerprint: 'ab'.repeat(32),
        },
      ],
      response: {
        version: 'HTTP/1.1',
        status: 500,
        headers: [
          ['server', 'nginx'],
          ['content-type', 'text/plain'],
        ],
        body: { bytes: 21, text: 'database is read-only' },
      },
    },
  };
}

export class FakeRunner {
  readonly #ask: Ask;
  readonly #now: () => number;
  readonly key: RunnerKey;
  readonly id: string;
  readonly aud: string;
  readonly name: string;
  readonly location: string;
  readonly boot = randomUUID();
  readonly #seqs = new Map<string, number>();

  constructor(
    ask: Ask,
    now: () => number,
    key: RunnerKey,
    is: { runnerId: string; aud: string; name: string; location: string },
  ) {
    this.#ask = ask;
    this.#now = now;
    this.key = key;
    this.id = is.runnerId;
    this.aud = is.aud;
    this.name = is.name;
    this.location = is.location;
  }

  /** Enrols with a code; throws with the worker's own words when it refuses. */
  static async enrol(
    ask: Ask,
    options: {
      /** Absent: it asks to join without one. */
      code?: string;
      now?: () => number;
      aud?: string;
      name?: string;
      location?: string;
      capabilities?: Partial<Capabilities>;
      /** Default: a new one. */
      key?: RunnerKey;
    },
  ): Promise<FakeRunner> {
    const now = options.now ?? Date.now;
    const key = options.key ?? (await makeRunnerKey());
    const request = {
      ...(options.code !== undefined && { code: options.code }),
      publicKey: { kty: 'OKP', crv: 'Ed25519', x: key.x },
      name: options.name ?? 'fake',
      ...(options.location !== undefined && { location: options.location }),
      version: '0.0.0-test',
      capabilities: capabilitiesSchema.parse(options.capabilities ?? {}),
    };
    const body = new TextEncoder().encode(JSON.stringify(request));
    const path = '/api/v1/runner/enroll';
    const token = await signCall(
      key,
      { method: 'POST', path, body, now: now() },
      { iss: 'new', aud: options.aud ?? 'new' },
    );
    const answer = await ask(path, {
      method: 'POST',
      body,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    });
    if (!answer.ok) throw new Error(`enrol: ${answer.status} ${await answer.text()}`);
    return new FakeRunner(ask, now, key, enrollAnswerSchema.parse(await answer.json()));
  }

  /** The same runner with another key. */
  withKey(key: RunnerKey): FakeRunner {
    const { id: runnerId, aud, name, location } = this;
    return new FakeRunner(this.#ask, this.#now, key, { runnerId, aud, name, location });
  }

  /** A signed call with the claims every call carries. */
  async call(
    method: 'GET' | 'POST',
    path: string,
    body: Uint8Array<ArrayBuffer> = new Uint8Array(0),
    options: { claims?: Record<string, unknown>; headers?: Record<string, string> } = {},
  ): Promise<Response> {
    const token = await signCall(
      this.key,
      { method, path, body, now: this.#now() },
      { iss: this.id, aud: this.aud, ...options.claims },
    );
    return this.#ask(path, {
      method,
      headers: { authorization: `Bearer ${token}`, ...options.headers },
      ...(method === 'POST' && { body }),
    });
  }

  /** All pages of the assignments. */
  async assignments(since = 0): Promise<AssignmentsAnswer> {
    let whole: AssignmentsAnswer | null = null;
    for (let after = 0; ; ) {
      const answer = await this.call(
        'GET',
        `/api/v1/runner/assignments?since=${since}&after=${after}`,
      );
      if (!answer.ok) throw new Error(`assignments: ${answer.status} ${await answer.text()}`);
      const page = assignmentsAnswerSchema.parse(await answer.json());
      whole = whole
        ? {
            ...page,
            checks: [...whole.checks, ...page.checks],
            removed: [...whole.removed, ...page.removed],
          }
        : page;
      if (page.next === null) return whole;
      after = page.next;
    }
  }

  /** Posts a pack of evidence; `overrides` say what is not as usual. */
  async evidence(
    checkId: number,
    at: number,
    overrides: Partial<EvidencePack> = {},
  ): Promise<{ status: number; stored: boolean | undefined }> {
    const pack = { ...evidencePack(checkId, at), ...overrides };
    const body = new TextEncoder().encode(JSON.stringify(pack));
    const answer = await this.call('POST', '/api/v1/runner/evidence', body);
    const { stored } = (await answer.json()) as { stored?: boolean };
    return { status: answer.status, stored };
  }

  /** Posts results under the next number of the stream, which counts on when they are taken. */
  async post(results: readonly Result[], options: PostOptions = {}): Promise<Response> {
    const { shard = 0, stream = 'live', gzip = false } = options;
    const place = `${shard} ${stream}`;
    const held = this.#seqs.get(place) ?? 0;
    const seq = options.seq ?? (results.length > 0 ? held + 1 : held);
    const wire =
      options.body ??
      encodeResults(results, {
        sentAt: this.#now(),
        configVersion: options.configVersion ?? 0,
        ...(options.health && { runner: { ...WELL, ...options.health } }),
      });
    const json = new TextEncoder().encode(typeof wire === 'string' ? wire : JSON.stringify(wire));
    const answer = await this.call(
      'POST',
      '/api/v1/runner/results',
      gzip ? new Uint8Array(gzipSync(json)) : json,
      {
        claims: { shard, stream, seq, boot: this.boot, ...options.claims },
        headers: {
          'content-type': 'application/json',
          ...(gzip && { 'content-encoding': 'gzip' }),
        },
      },
    );
    if (answer.ok) this.#seqs.set(place, seq);
    return answer;
  }
}
