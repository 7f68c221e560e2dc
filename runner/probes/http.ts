import { type HttpSpec, statusExpected } from '#core/checks/http.ts';
import { CRITICAL } from '#core/level.ts';
import type { Measurement, Phases } from '#core/reading.ts';
import { Deadline } from '../deadline.ts';
import { Failure } from '../failure.ts';
import { type Answer, exchange } from '../http/exchange.ts';
import { MATCH_BYTES, matches } from '../http/match.ts';
import { isRedirect, redirected } from '../http/redirect.ts';
import {
  endpointOf,
  firstRequest,
  type HttpRequest,
  requestBytes,
  shown,
} from '../http/request.ts';
import { dial, hostPort } from '../net/dial.ts';
import { resolve } from '../net/resolve.ts';
import type { Probe } from '../probe.ts';
import { secure } from '../tls/secure.ts';
import { answered, failed } from './answer.ts';

/** Asks once, on a connection of its own, and follows where it is sent. RTT is the time to the last byte. */
export const http: Probe<'http'> = async (spec, context) => {
  const deadline = new Deadline(context.timeoutMs);
  const phases: Phases = {};
  const answer = await follow(firstRequest(spec), spec, deadline, phases);
  phases.totalUs = deadline.elapsedUs();
  return answer instanceof Failure
    ? failed(answer, { phases })
    : judge(answer, spec, phases.totalUs, phases);
};

async function follow(
  first: HttpRequest,
  spec: HttpSpec,
  deadline: Deadline,
  phases: Phases,
): Promise<Answer | Failure> {
  const seen = new Set<string>();
  let request = first;
  for (let hops = 0; ; hops++) {
    seen.add(`${request.method} ${request.url.href}`);
    const answer = await ask(request, spec, deadline, phases);
    if (answer instanceof Failure || spec.followRedirects === 0 || !isRedirect(answer.head)) {
      return answer;
    }
    const next = redirected(request, answer.head);
    if (next instanceof Failure) return next;
    if (seen.has(`${next.method} ${next.url.href}`)) {
      return new Failure('http.redirects', `redirects lead back to ${shown(next.url)}`);
    }
    if (hops === spec.followRedirects) {
      const text = `more than ${hops} redirects, the last to ${shown(next.url)}`;
      return new Failure('http.redirects', text);
    }
    request = next;
  }
}

/** One request on one connection; its parts are added to the phases. */
async function ask(
  request: HttpRequest,
  spec: HttpSpec,
  deadline: Deadline,
  phases: Phases,
): Promise<Answer | Failure> {
  const { host, port } = endpointOf(request.url);
  const bytes = requestBytes(request);

  const resolved = await resolve(host, spec.family, deadline);
  if (resolved instanceof Failure) return resolved;
  add(phases, 'dnsUs', resolved.dnsUs);

  const dialled = await dial(resolved.addresses, port, deadline);
  if (dialled instanceof Failure) return dialled;
  add(phases, 'connectUs', dialled.connectUs);

  const peer = { address: dialled.address, name: hostPort(dialled.address, port), host };
  let { socket } = dialled;
  if (request.url.protocol === 'https:') {
    const secured = await secure(
      socket,
      peer,
      { verify: spec.verifyTls, alpn: ['http/1.1'] },
      deadline,
    );
    if (secured instanceof Failure) return secured;
    add(phases, 'tlsUs', secured.tlsUs);
    socket = secured.socket;
  }

  const answer = await exchange(socket, bytes, {
    method: request.method,
    limits: { maxBytes: spec.maxBytes, keepBytes: spec.bodyMatch === undefined ? 0 : MATCH_BYTES },
    skipsBody: (head) => spec.followRedirects > 0 && isRedirect(head),
    deadline,
    peer,
  });
  if (!(answer instanceof Failure)) add(phases, 'firstByteUs', answer.firstByteUs);
  return answer;
}

function judge(answer: Answer, spec: HttpSpec, rttUs: number, phases: Phases): Measurement {
  const { status } = answer.head;
  if (!statusExpected(spec.expectStatus, status)) {
    const text = `HTTP ${status}, expected ${spec.expectStatus}`;
    return failed(new Failure('http.status', text), { rttUs, phases });
  }
  const mismatch = spec.bodyMatch === undefined ? null : mismatchOf(answer, spec.bodyMatch);
  if (mismatch) return failed(mismatch, { rttUs, phases, level: CRITICAL });
  return answered(rttUs, spec, { phases });
}

function mismatchOf(answer: Answer, pattern: string): Failure | null {
  const found = matches(pattern, textOf(answer));
  if (found) return null;
  const shownPattern = `/${pattern.slice(0, 60)}/`;
  if (found === null) {
    return new Failure('http.body', `searching the body for ${shownPattern} took too long`);
  }
  const whole =
    answer.bodyBytes > MATCH_BYTES ? 'the first 256 KiB of the body do' : 'the body does';
  const text = `HTTP ${answer.head.status}, ${whole} not match ${shownPattern} (${answer.bodyBytes} bytes)`;
  return new Failure('http.body', text);
}

function textOf(answer: Answer): string {
  const type = answer.head.headers.get('content-type') ?? '';
  const charset = /charset="?([\w-]+)/i.exec(type)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset).decode(answer.body);
  } catch {
    return new TextDecoder().decode(answer.body);
  }
}

function add(phases: Phases, part: keyof Phases, us: number | undefined): void {
  if (us !== undefined) phases[part] = (phases[part] ?? 0) + us;
}
