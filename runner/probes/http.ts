import type { HttpSpec } from '#core/checks/http.ts';
import { CookieJar } from '#core/http/cookies.ts';
import { INFO, WARNING } from '#core/level.ts';
import type { Metric, Phases } from '#core/reading.ts';
import { Deadline } from '../deadline.ts';
import { Failure } from '../failure.ts';
import { bytesNeeded, type Judged, judged, judgedByStatus, textOf } from '../http/expectations.ts';
import { isRedirect, redirected } from '../http/redirect.ts';
import { basic, firstRequest, type HttpRequest, placeOf, shown } from '../http/request.ts';
import { type Sending, type Sent, send } from '../http/send.ts';
import type { Probe, Probed } from '../probe.ts';
import { type Certificate, expiryMetric, expiryOf } from '../tls/certificate.ts';
import { answered, failed } from './answer.ts';

/** The days a certificate has left are noted this often: they change slowly, and each note costs. */
const NOTE_EVERY_MS = 6 * 3_600_000;
/** What is shown of a body to whoever tries a check. */
const SHOWN_BYTES = 1500;

/** Asks once, on a connection of its own, and follows where it is sent. RTT is the time to the last byte. */
export const http: Probe<'http'> = async (spec, context) => {
  const deadline = new Deadline(context.timeoutMs);
  const phases: Phases = {};
  const explain = context.explain === true;
  const keepBytes = Math.max(bytesNeeded(spec), explain ? SHOWN_BYTES : 0);
  const sending: Sending = { spec, keepBytes, deadline, phases, explain };
  const authorization = spec.auth === 'none' ? null : await authorizationOf(spec, sending);
  if (authorization instanceof Failure) return failed(authorization);
  const beganUs = authorization === null ? 0 : deadline.elapsedUs();
  const request = firstRequest(spec, authorization);
  const sent = await send(request, sending);
  const answer = leadsOn(sent, spec) ? await follow(sent, request, sending) : sent;
  if (answer instanceof Failure) {
    // Fetching a token is no part of the target's time.
    phases.totalUs = deadline.elapsedUs() - beganUs;
    return failed(answer, { phases });
  }
  if (answer.head.status === 401 && spec.auth === 'oauth2') {
    (await import('../http/oauth.ts')).forget(spec);
  }
  const judgement = explain ? null : judgedByStatus(answer, spec);
  return measured(answer, judgement ?? (await judged(answer, spec, explain)), sending);
};

async function authorizationOf(spec: HttpSpec, sending: Sending): Promise<string | null | Failure> {
  switch (spec.auth) {
    case 'none':
      return null;
    case 'basic':
      return basic(spec.username, spec.password);
    case 'bearer':
      return `Bearer ${spec.token}`;
    case 'oauth2':
      return (await import('../http/oauth.ts')).bearer(spec, sending);
  }
}

function leadsOn(answer: Sent | Failure, { followRedirects }: HttpSpec): answer is Sent {
  return !(answer instanceof Failure) && followRedirects > 0 && isRedirect(answer.head);
}

async function follow(from: Sent, first: HttpRequest, sending: Sending): Promise<Sent | Failure> {
  const { followRedirects, cookies } = sending.spec;
  const seen = new Set<string>();
  const jar = cookies ? new CookieJar() : null;
  let request = first;
  let answer: Sent | Failure = from;
  for (let hops = 0; leadsOn(answer, sending.spec); hops++) {
    seen.add(nameOf(request));
    jar?.take(request.url, answer.head.headers.get('set-cookie'), Date.now());
    const next = redirected(request, first, answer.head, jar);
    if (next instanceof Failure) return next;
    if (seen.has(nameOf(next))) {
      return new Failure('http.redirects', `redirects lead back to ${shown(next.url)}`);
    }
    if (hops === followRedirects) {
      const text = `more than ${hops} redirects, the last to ${shown(next.url)}`;
      return new Failure('http.redirects', text);
    }
    request = next;
    answer = await send(request, sending);
  }
  return answer;
}

/** What makes two requests the same, so that the same answer must follow. */
function nameOf({ method, url, headers }: HttpRequest): string {
  const cookie = headers.find(([name]) => name === 'Cookie')?.[1] ?? '';
  return `${method} ${url.href} ${cookie}`;
}

function measured(answer: Sent, judgement: Judged, sending: Sending): Probed {
  const { spec, phases, explain = false } = sending;
  const { failure, level, findings } = judgement;
  const rttUs = phases.totalUs ?? 0;
  const rest: Pick<Probed, 'phases' | 'metrics' | 'findings' | 'detail' | 'certificate'> = {
    phases,
  };
  if (answer.certificate) {
    const metrics = expiryNotes(answer.certificate, spec);
    if (metrics.length > 0) rest.metrics = metrics;
  }
  if (explain) Object.assign(rest, { findings, detail: excerpt(answer) });
  if (answer.certificateText) rest.certificate = answer.certificateText;
  if (failure) return failed(failure, { rttUs, level, ...rest });
  const probed: Probed = answered(rttUs, spec, rest);
  return answer.certificate === null || probed.level !== 100
    ? probed
    : { ...probed, ...expiry(answer, spec) };
}

const noted = new WeakMap<HttpSpec, number>();

function expiryNotes(certificate: Certificate, spec: HttpSpec): Metric[] {
  const now = Date.now();
  const before = noted.get(spec);
  if (before !== undefined && now - before < NOTE_EVERY_MS) return [];
  noted.set(spec, now);
  return [expiryMetric(certificate, now)];
}

/** What a certificate near its end makes of an answer that is well. */
function expiry({ certificate }: Sent, spec: HttpSpec): Partial<Probed> {
  if (!certificate || (!spec.verifyTls && spec.expiryDegraded === undefined)) return {};
  const { hostname } = placeOf(spec);
  const limits = { warnBefore: spec.expiryInfo, critBefore: spec.expiryDegraded };
  const told = expiryOf(certificate, spec.serverName ?? hostname, limits, Date.now());
  if (!told) return {};
  const { code, text } = told.failure;
  const isDegraded = told.severity === 'critical' && spec.expiryDegraded !== undefined;
  return { level: isDegraded ? WARNING : INFO, code, text };
}

function excerpt({ version, head, body }: Sent): string {
  const headers = [...head.headers].map(([name, value]) => `${name}: ${value}`);
  const text = textOf(body.subarray(0, SHOWN_BYTES), head.headers.get('content-type') ?? '');
  return [`${version} ${head.status}`, ...headers, '', text].join('\n');
}
