// A worker made for tests of the runner: it checks every signature, header and body as docs/protocol.md says, keeps
// what it takes, and misbehaves on request. Whatever a runner does wrong is in `violations`.
import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import * as jose from 'jose';
import { type Ask, type AskAnswer, askAnswerSchema } from '#core/wire/ask.ts';
import type { AssignedCheck } from '#core/wire/assignments.ts';
import { type RunnerClaims, resultClaimsSchema, runnerClaimsSchema } from '#core/wire/claims.ts';
import { type EnrollRequest, enrollRequestSchema } from '#core/wire/enroll.ts';
import { type EvidencePack, evidencePackSchema } from '#core/wire/evidence.ts';
import { type RelayAnswer, relayAnswerSchema } from '#core/wire/relay.ts';
import {
  decodeResults,
  type Envelope,
  envelopeSchema,
  MAX_BODY_BYTES,
  type Result,
} from '#core/wire/results.ts';
import type { HttpAnswer } from '#runner/platform.ts';

export interface FakeCall {
  method: string;
  /** With the query. */
  path: string;
  headers: Record<string, string>;
  body: Uint8Array;
}

/** One post that was taken. */
export interface TakenPost {
  shard: number;
  stream: 'live' | 'late';
  seq: number;
  at: number;
  envelope: Envelope;
  results: Result[];
  bytes: Uint8Array;
}

/** What goes wrong: an answer instead of the worker's own, or the loss of it after the work is done. */
export type Fault = HttpAnswer | 'lose the answer' | 'no connection' | null;

interface SignedPost {
  call: FakeCall;
  claims: RunnerClaims;
}

/** A check as the worker assigns it. */
export function assigned(id: number, overrides: Partial<AssignedCheck> = {}): AssignedCheck {
  return {
    id,
    rev: 1,
    shard: 0,
    position: id,
    config: { kind: 'tcp', target: '127.0.0.1:1' },
    intervalMs: 60_000,
    timeoutMs: 10_000,
    retryAfterMs: 2000,
    failures: 2,
    successes: 1,
    owner: '7',
    ...overrides,
  };
}

export function problemAnswer(status: number, code: string, extra: object = {}): HttpAnswer {
  return {
    status,
    headers: { 'content-type': 'application/problem+json' },
    body: Buffer.from(JSON.stringify({ title: code, status, code, ...extra })),
  };
}

export class FakeWorker {
  readonly aud = 'http://anyup.test';
  readonly runnerId = '7';
  readonly #now: () => number;
  /** The `x` of the runner's key, once it joined (or as a test sets it). */
  publicKey: string | null = null;
  codes = new Set<string>();
  checks: AssignedCheck[] = [];
  configVersion = 1;
  flushMs = 15_000;
  /** Its turn among the dead-men, as it tells the runner. */
  deadman: { rank: number; of: number } | null = null;
  /** What it says at /healthz, for anybody. */
  health: () => Fault = () => ok(HEALTHY);
  /** What it says of itself; null = an older one that says nothing. */
  version: string | null = null;
  pageSize = 500;
  asks: Ask[] = [];
  readonly held = new Map<string, { seq: number; hash: string }>();
  readonly enrolments: EnrollRequest[] = [];
  readonly taken: TakenPost[] = [];
  readonly evidence: EvidencePack[] = [];
  readonly answers = new Map<string, AskAnswer>();
  /** What runners said became of messages, in order. */
  readonly receipts: Array<{ id: string; delivery: RelayAnswer['delivery'] }> = [];
  readonly calls: Array<{ method: string; path: string; at: number; status: number }> = [];
  readonly violations: string[] = [];
  readonly #jtis = new Set<string>();
  /** Looked at before each call. */
  fault: (call: FakeCall, claims: RunnerClaims) => Fault = () => null;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Every result taken, in the order of the posts. */
  get results(): Result[] {
    return this.taken.flatMap(({ results }) => results);
  }

  postsOf(stream: 'live' | 'late'): TakenPost[] {
    return this.taken.filter((post) => post.stream === stream);
  }

  /** Rejects when the call is to find no worker. */
  async handle(call: FakeCall): Promise<HttpAnswer> {
    const path = call.path.split('?')[0] ?? '';
    if (path === '/healthz' || path === '/healthz/live') return this.#health(path);
    const claims = await this.#verify(call, path);
    const fault = this.fault(call, claims);
    const about = { method: call.method, path: call.path, at: this.#now() };
    if (fault === 'no connection' || (fault !== null && fault !== 'lose the answer')) {
      this.calls.push({ ...about, status: fault === 'no connection' ? 0 : fault.status });
      if (fault === 'no connection') throw noConnection();
      return fault;
    }
    const answer = this.#skewed(claims) ?? this.#route({ call, claims }, path);
    this.calls.push({ ...about, status: answer.status });
    if (fault === 'lose the answer') throw noConnection();
    return answer;
  }

  #health(path: string): HttpAnswer {
    const said = this.health();
    if (said === null || typeof said === 'string') throw noConnection();
    return path === '/healthz/live' ? ok({ status: 'ok' }) : said;
  }

  /** Listens on a real socket. */
  async listen(wanted = 0): Promise<{ url: string; server: Server; close: () => Promise<void> }> {
    const server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const headers: Record<string, string> = {};
        for (const [name, value] of Object.entries(request.headers)) headers[name] = String(value);
        const { method = '', url: path = '' } = request;
        this.handle({ method, path, headers, body: Buffer.concat(parts) }).then(
          (answer) => response.writeHead(answer.status, answer.headers).end(answer.body),
          () => request.socket.destroy(),
        );
      });
    });
    // As Anyup's own server does.
    server.keepAliveTimeout = 75_000;
    await new Promise<void>((resolve) => server.listen(wanted, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return {
      url: `http://127.0.0.1:${port}`,
      server,
      close: () =>
        new Promise((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    };
  }

  async #verify(call: FakeCall, path: string): Promise<RunnerClaims> {
    const token = /^Bearer (\S+)$/.exec(call.headers.authorization ?? '')?.[1];
    if (!token) throw new Error('no bearer token');
    const { alg } = jose.decodeProtectedHeader(token);
    this.#expect(alg === 'EdDSA', `alg ${alg}`);
    const claims = runnerClaimsSchema.parse(jose.decodeJwt(token));
    const isNew = path.endsWith('/enroll');
    const x = isNew ? JSON.parse(text(call.body)).publicKey.x : this.publicKey;
    const key = await jose.importJWK({ kty: 'OKP', crv: 'Ed25519', x }, 'EdDSA');
    await jose.compactVerify(token, key, { algorithms: ['EdDSA'] }).catch(() => {
      this.violations.push(`bad signature on ${call.method} ${path}`);
    });
    this.#expect(claims.htm === call.method, `htm ${claims.htm} for ${call.method}`);
    this.#expect(claims.htu === path, `htu ${claims.htu} for ${path}`);
    this.#expect(claims.exp - claims.iat <= 60 && claims.exp > claims.iat, 'lives too long');
    this.#expect(claims.body === sha256(call.body), `body hash of ${path}`);
    this.#expect(!this.#jtis.has(claims.jti), `jti ${claims.jti} twice`);
    this.#jtis.add(claims.jti);
    if (!isNew) {
      this.#expect(claims.iss === this.runnerId, `iss ${claims.iss}`);
      this.#expect(claims.aud === this.aud, `aud ${claims.aud}`);
    }
    const type = call.headers['content-type'];
    this.#expect((call.method === 'POST') === (type === 'application/json'), `type ${type}`);
    return claims;
  }

  #skewed({ iat, exp }: RunnerClaims): HttpAnswer | null {
    const nowS = this.#now() / 1000;
    if (exp >= nowS && iat <= nowS + 60) return null;
    return problemAnswer(401, 'clock_skew', { now: this.#now() });
  }

  #route({ call, claims }: SignedPost, path: string): HttpAnswer {
    const route = `${call.method} ${path.replace(/^\/api\/v1\/runner\//, '')}`;
    if (route === 'POST enroll') return this.#enroll(call);
    if (route === 'GET assignments') return this.#assignments(call);
    if (route === 'POST results') return this.#results(call, claims);
    if (route.startsWith('POST asks/')) return this.#ask(call, route.slice(10));
    if (route === 'POST evidence') {
      this.evidence.push(evidencePackSchema.parse(JSON.parse(text(call.body))));
      return ok({ stored: true, now: this.#now() });
    }
    this.violations.push(`called ${route}`);
    return problemAnswer(404, 'not_found');
  }

  #enroll(call: FakeCall): HttpAnswer {
    const request = enrollRequestSchema.parse(JSON.parse(text(call.body)));
    if (!this.codes.delete(request.code ?? '')) {
      return problemAnswer(403, 'bad_code', {
        detail: 'The join code is wrong, used up or expired',
      });
    }
    this.enrolments.push(request);
    this.publicKey = request.publicKey.x;
    const { name, location = 'default' } = request;
    return ok({ runnerId: this.runnerId, aud: this.aud, name, location, now: this.#now() });
  }

  #assignments(call: FakeCall): HttpAnswer {
    const query = new URL(call.path, 'http://x').searchParams;
    const after = Number(query.get('after'));
    const rest = this.checks.filter(({ id }) => id > after).sort((a, b) => a.id - b.id);
    const checks = rest.slice(0, this.pageSize);
    return ok({
      configVersion: this.configVersion,
      full: true,
      checks,
      removed: [],
      next: rest.length > checks.length ? (checks.at(-1)?.id ?? null) : null,
      flushMs: this.flushMs,
      ...(this.version && { version: this.version }),
      ...(this.deadman && { deadman: this.deadman }),
      name: 'fake',
      location: 'here',
    });
  }

  #results(call: FakeCall, claims: RunnerClaims): HttpAnswer {
    const { shard, stream, seq } = resultClaimsSchema.parse(claims);
    const encoding = call.headers['content-encoding'];
    this.#expect(encoding === undefined || encoding === 'gzip', `encoding ${encoding}`);
    const plain = encoding === 'gzip' ? gunzipSync(call.body) : call.body;
    this.#expect(encoding === 'gzip' || plain.byteLength <= 1024, 'more than 1 KB without gzip');
    this.#expect(plain.byteLength <= MAX_BODY_BYTES, `a body of ${plain.byteLength} bytes`);
    const body = JSON.parse(text(plain));
    const envelope = envelopeSchema.parse(body);
    const decoded = decodeResults(body, envelope);
    if (!decoded.ok) {
      this.violations.push(JSON.stringify(decoded.issues));
      return problemAnswer(400, 'invalid_input', { errors: decoded.issues });
    }
    const { results } = decoded;
    const place = `${shard} ${stream}`;
    const held = this.held.get(place) ?? { seq: 0, hash: '' };
    if (results.length === 0) {
      if (seq !== held.seq)
        return problemAnswer(409, 'sequence', { seq: held.seq, now: this.#now() });
      return this.#answer(seq);
    }
    if (held.seq === seq && held.hash === claims.body) return this.#answer(seq);
    if (seq !== held.seq + 1) {
      return problemAnswer(409, 'sequence', { seq: held.seq, now: this.#now() });
    }
    this.held.set(place, { seq, hash: claims.body });
    this.taken.push({ shard, stream, seq, at: this.#now(), envelope, results, bytes: call.body });
    return this.#answer(seq);
  }

  #answer(seq: number): HttpAnswer {
    const { configVersion, flushMs } = this;
    const asks = this.asks.splice(0);
    return ok({ seq, configVersion, now: this.#now(), flushMs, dropped: 0, asks });
  }

  #ask(call: FakeCall, id: string): HttpAnswer {
    const body: unknown = JSON.parse(text(call.body));
    const receipt = relayAnswerSchema.safeParse(body);
    if (receipt.success) this.receipts.push({ id, ...receipt.data });
    else this.answers.set(id, askAnswerSchema.parse(body));
    return { status: 204, headers: {}, body: new Uint8Array() };
  }

  #expect(holds: boolean, what: string): void {
    if (!holds) this.violations.push(what);
  }
}

/** What a worker says at /healthz that has nothing to complain of. */
export const HEALTHY = {
  status: 'ok',
  database: 'ok',
  tick: 'ok',
  tickAgeMs: 12_000,
  outboxAgeMs: 0,
  historyLagMs: 0,
};

/** An answer of 200 in JSON. */
export function ok(value: unknown): HttpAnswer {
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(value)),
  };
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64url');
}

function noConnection(): Error {
  return Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
}
