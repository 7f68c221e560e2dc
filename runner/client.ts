// Calls to the worker: signed, timed, and their answers told apart by what is to be done next.
import * as z from 'zod';
import type { AskAnswer } from '#core/wire/ask.ts';
import { type AssignmentsAnswer, assignmentsAnswerSchema } from '#core/wire/assignments.ts';
import type { Stream } from '#core/wire/claims.ts';
import {
  type EnrollAnswer,
  type EnrollRequest,
  enrollAnswerSchema,
  type PublicKey,
  type RotateAnswer,
  rotateAnswerSchema,
} from '#core/wire/enroll.ts';
import { type EvidencePack, type EvidenceReply, evidenceReplySchema } from '#core/wire/evidence.ts';
import { type HostReply, type HostRequest, hostReplySchema } from '#core/wire/host.ts';
import type { RelayAnswer } from '#core/wire/relay.ts';
import { type ResultsAnswer, resultsAnswerSchema } from '#core/wire/results.ts';
import type { Clock } from './clock.ts';
import { adopt, otherKeys, type RunnerKey } from './keys.ts';
import type { HttpAnswer, RunnerPlatform } from './platform.ts';
import { signToken } from './token.ts';

const TIMEOUT_MS = 30_000;
const PREFIX = '/api/v1/runner';

/** What came of a call. `why` is one plain sentence part for the log. */
export type Outcome<T> =
  | { type: 'ok'; answer: T }
  /** The worker holds another number for this stream. */
  | { type: 'sequence'; seq: number }
  /** 401 or 403: it does not want to hear this runner. */
  | { type: 'refused'; code: string; why: string }
  | { type: 'too_large'; why: string }
  /** 400: it cannot read this, and never will. */
  | { type: 'unreadable'; why: string }
  /** Nothing is known of the call's effect; try again, not before `afterMs`. */
  | { type: 'later'; why: string; afterMs: number; status?: number };

/** Under which number a post goes. */
export interface PostPlace {
  shard: number;
  stream: Stream;
  seq: number;
}

export interface Payload {
  /** As sent: `gzip` tells how. */
  bytes: Uint8Array;
  gzip: boolean;
}

const problemSchema = z.looseObject({
  code: z.string().optional(),
  title: z.string().optional(),
  detail: z.string().optional(),
  errors: z.array(z.looseObject({ path: z.string(), message: z.string() })).optional(),
  seq: z.int().min(0).optional().catch(undefined),
});

interface Call<S extends z.ZodType> {
  method: 'GET' | 'POST';
  path: string;
  query?: string;
  payload?: Payload;
  claims?: Partial<PostPlace> & { boot?: string };
  schema: S;
}

export class Client {
  readonly #platform: RunnerPlatform;
  readonly #clock: Clock;
  #key: RunnerKey;
  readonly #base: URL;
  readonly #as: { iss: string; aud: string };
  readonly #boot: string;

  constructor(given: {
    platform: RunnerPlatform;
    clock: Clock;
    key: RunnerKey;
    /** Where the worker answers. */
    url: string;
    /** As enrolled; a new runner signs as "new". */
    as: { iss: string; aud: string };
    /** Tells one start of this runner from the next. */
    boot: string;
  }) {
    this.#platform = given.platform;
    this.#clock = given.clock;
    this.#key = given.key;
    this.#base = new URL(given.url);
    this.#as = given.as;
    this.#boot = given.boot;
  }

  enrol(request: EnrollRequest): Promise<Outcome<EnrollAnswer>> {
    return this.#call({
      method: 'POST',
      path: `${PREFIX}/enroll`,
      payload: json(request),
      schema: enrollAnswerSchema,
    });
  }

  /** From the answer on only the new key is taken. */
  rotate(publicKey: PublicKey): Promise<Outcome<RotateAnswer>> {
    return this.#call({
      method: 'POST',
      path: `${PREFIX}/rotate`,
      payload: json({ publicKey }),
      schema: rotateAnswerSchema,
    });
  }

  /** One page of what changed since a version. */
  assignments(since: number, after: number): Promise<Outcome<AssignmentsAnswer>> {
    return this.#call({
      method: 'GET',
      path: `${PREFIX}/assignments`,
      query: `since=${since}&after=${after}`,
      schema: assignmentsAnswerSchema,
    });
  }

  post(place: PostPlace, payload: Payload): Promise<Outcome<ResultsAnswer>> {
    return this.#call({
      method: 'POST',
      path: `${PREFIX}/results`,
      payload,
      claims: { ...place, boot: this.#boot },
      schema: resultsAnswerSchema,
    });
  }

  /** Where the instant channel is, and the headers that say who we are. */
  channelCall(): { url: string; headers: Record<string, string> } {
    const url = this.#urlOf(`${PREFIX}/channel`);
    const token = this.#sign('GET', url, null, {});
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    return { url: url.href, headers: { authorization: `Bearer ${token}` } };
  }

  /** What this runner has on its own machine. */
  announce(request: HostRequest): Promise<Outcome<HostReply>> {
    return this.#call({
      method: 'POST',
      path: `${PREFIX}/host`,
      payload: json(request),
      schema: hostReplySchema,
    });
  }

  /** What was seen when a check turned. A worker from before there was evidence answers 404. */
  evidence(pack: EvidencePack): Promise<Outcome<EvidenceReply>> {
    return this.#call({
      method: 'POST',
      path: `${PREFIX}/evidence`,
      payload: json(pack),
      schema: evidenceReplySchema,
    });
  }

  answerAsk(id: string, answer: AskAnswer | RelayAnswer): Promise<Outcome<unknown>> {
    return this.#call({
      method: 'POST',
      path: `${PREFIX}/asks/${encodeURIComponent(id)}`,
      payload: json(answer),
      schema: z.unknown(),
    });
  }

  /** A key that is not taken any more may have been replaced since it was read: the others on disk are tried. */
  async #call<S extends z.ZodType>(call: Call<S>): Promise<Outcome<z.output<S>>> {
    const outcome = await this.#callOnce(call);
    if (outcome.type !== 'refused' || outcome.code !== 'bad_token') return outcome;
    const held = this.#key;
    for (const other of await otherKeys(this.#platform, held)) {
      this.#key = other;
      const again = await this.#callOnce(call);
      if (again.type === 'refused' && again.code === 'bad_token') continue;
      await adopt(this.#platform, other);
      this.#platform.log('info', 'goes on with the new key');
      return again;
    }
    this.#key = held;
    return outcome;
  }

  /** Signs and sends; when the worker finds our clock wrong, takes its time and signs once more. */
  async #callOnce<S extends z.ZodType>(call: Call<S>): Promise<Outcome<z.output<S>>> {
    for (let attempt = 1; ; attempt++) {
      const sentMs = this.#platform.monotonicMs();
      let answer: HttpAnswer;
      try {
        answer = await this.#send(call);
      } catch (error) {
        return { type: 'later', why: `no answer (${reasonOf(error)})`, afterMs: 0 };
      }
      const receivedMs = this.#platform.monotonicMs();
      const body = parseJson(answer.body);
      const workerNow = z.looseObject({ now: z.int() }).safeParse(body);
      const tellsTime = answer.status < 300 || answer.status === 401 || answer.status === 409;
      if (workerNow.success && tellsTime) {
        this.#clock.observe({ workerNow: workerNow.data.now, sentMs, receivedMs });
      }
      const skewed = answer.status === 401 && problemOf(body).code === 'clock_skew';
      if (!skewed || attempt > 1) return outcomeOf(answer, body, call.schema);
    }
  }

  #urlOf(path: string): URL {
    const url = new URL(this.#base);
    url.pathname = `${this.#base.pathname.replace(/\/$/, '')}${path}`;
    return url;
  }

  #sign(method: string, url: URL, body: Uint8Array | null, claims: Call<z.ZodType>['claims']) {
    return signToken(
      this.#key,
      { ...this.#as, htm: method, htu: url.pathname, ...claims },
      {
        body,
        now: this.#clock.now(),
        jti: Buffer.from(this.#platform.randomBytes(12)).toString('base64url'),
      },
    );
  }

  #send({ method, path, query, payload, claims }: Call<z.ZodType>): Promise<HttpAnswer> {
    const url = this.#urlOf(path);
    const body = payload?.bytes ?? null;
    const token = this.#sign(method, url, body, claims);
    if (query !== undefined) url.search = query;
    return this.#platform.request({
      method,
      url: url.href,
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/json',
        ...(payload && { 'content-type': 'application/json' }),
        ...(payload?.gzip && { 'content-encoding': 'gzip' }),
      },
      body,
      timeoutMs: TIMEOUT_MS,
    });
  }
}

function outcomeOf<S extends z.ZodType>(
  { status, headers }: HttpAnswer,
  body: unknown,
  schema: S,
): Outcome<z.output<S>> {
  if (status >= 200 && status < 300) {
    const parsed = schema.safeParse(body);
    if (parsed.success) return { type: 'ok', answer: parsed.data };
    return { type: 'later', why: `${status} with an answer that is not Anyup's`, afterMs: 0 };
  }
  const problem = problemOf(body);
  const why = wordsOf(status, problem, headers);
  if (status === 409 && problem.code === 'sequence' && problem.seq !== undefined) {
    return { type: 'sequence', seq: problem.seq };
  }
  // A proxy or portal may answer 400, 401 or 403 too; only the worker's own refusals carry a code.
  if (problem.code !== undefined) {
    if (status === 401 || status === 403) return { type: 'refused', code: problem.code, why };
    if (status === 400) return { type: 'unreadable', why };
  }
  if (status === 413) return { type: 'too_large', why };
  return { type: 'later', why, afterMs: retryAfterMs(headers), status };
}

function wordsOf(
  status: number,
  problem: z.output<typeof problemSchema>,
  headers: Record<string, string>,
): string {
  const said = problem.detail ?? problem.title ?? problem.code ?? '';
  const elsewhere = status >= 300 && status < 400 ? `it points to ${headers.location}` : '';
  const errors = problem.errors ?? [];
  return [
    `${status}`,
    said.replace(/\.$/, ''),
    elsewhere,
    ...errors.slice(0, 5).map(({ path, message }) => `${path} ${message}`),
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

function problemOf(body: unknown): z.output<typeof problemSchema> {
  return problemSchema.safeParse(body).data ?? {};
}

function retryAfterMs(headers: Record<string, string>): number {
  const seconds = Number(headers['retry-after'] ?? 0);
  return Number.isFinite(seconds) ? Math.min(60_000, Math.max(0, seconds * 1000)) : 0;
}

function json(value: unknown): Payload {
  return { bytes: Buffer.from(JSON.stringify(value)), gzip: false };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  const { code, message, cause } = error as NodeJS.ErrnoException & { cause?: unknown };
  if (code !== undefined) return String(code);
  return cause === undefined ? message : reasonOf(cause);
}
