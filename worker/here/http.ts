// An HTTP look of the worker: the request a check describes, its redirects, and what is expected of the answer.
import type { HttpSpec } from '#core/checks/http.ts';
import { CookieJar } from '#core/http/cookies.ts';
import type { Measurement } from '#core/reading.ts';
import { expected } from './expect.ts';
import { answered, failed, type LookContext, type WorkerLook } from './probe.ts';
import { firstRequest, isRedirect, type LookRequest, redirected, shown } from './request.ts';
import { failureOf } from './why.ts';

/** More of a body is not searched. */
const SEARCHED_BYTES = 256 * 1024;

/** Asks, and goes where it is sent; each address on the way is held against what may be reached. RTT is the time to the last byte. */
export const http: WorkerLook<HttpSpec> = async (spec, context) => {
  const { outside, signal } = context;
  const beganUs = outside.clockUs();
  let at = spec.target;
  try {
    const answer = await follow(spec, context, (url) => {
      at = shown(url);
    });
    if (answer === null || 'level' in answer) return answer;
    const failure = await judged(answer, spec, context);
    const rttUs = Math.max(1, Math.round(outside.clockUs() - beganUs));
    if (failure) return failure.level === null ? failure : { ...failure, rttUs };
    return answered(rttUs, spec);
  } catch (error) {
    if (signal.aborted) return failed('timeout', `${at}: no complete answer in time`);
    return failureOf(error, outside, at);
  }
};

async function follow(
  spec: HttpSpec,
  context: LookContext,
  going: (url: URL) => void,
): Promise<Response | Measurement | null> {
  const first = firstRequest(spec, context.random);
  const jar = spec.cookies ? new CookieJar() : null;
  let request: LookRequest = first;
  for (let hops = 0; ; hops++) {
    going(request.url);
    const { hostname } = request.url;
    const refusal = context.permitHost(hostname);
    if (refusal !== null) return failed('unable.not_public', `${hostname} ${refusal}`);
    if (!context.spend()) return null;
    const { outside, permit, signal } = context;
    const answer = await outside.fetch({ ...request, signal }, permit);
    if (spec.followRedirects === 0 || !isRedirect(answer)) return answer;
    await answer.body?.cancel();
    if (hops === spec.followRedirects) {
      return failed(
        'http.redirects',
        `more than ${hops} redirects, the last from ${shown(request.url)}`,
      );
    }
    jar?.take(request.url, answer.headers.getSetCookie().join('\n'), context.now);
    const next = redirected(request, first, answer, jar);
    if (typeof next === 'string') return failed('http.redirects', next);
    request = next;
  }
}

/** What is wrong with an answer; null = nothing. */
async function judged(
  answer: Response,
  spec: HttpSpec,
  { outside, explain }: LookContext,
): Promise<Measurement | null> {
  const { status } = answer;
  const body = await read(answer, spec.maxBytes);
  const code = outside.statusMeans(status);
  const failure = expected({ status, headers: answer.headers, ...body }, spec, explain);
  if (failure?.code === 'http.status' && code !== null) {
    return failed(code, `${shown(new URL(spec.target))}: Cloudflare answers ${status} for it`);
  }
  if (failure) return failure;
  if (body.bytes > spec.maxBytes) {
    return failed('http.too_large', `the body is larger than ${spec.maxBytes} bytes`);
  }
  const packed = answer.headers.get('content-encoding');
  if (!outside.unpacks && packed && packed !== 'identity' && body.text !== '') {
    const asks = spec.bodyContains.length + spec.bodyLacks.length + spec.jsonMatch.length;
    if (asks > 0) return failed('http.encoding', `the body is packed with ${packed}`);
  }
  return null;
}

/** To the end, or one byte beyond what is allowed. */
async function read(answer: Response, mostBytes: number): Promise<{ bytes: number; text: string }> {
  const reader = answer.body?.getReader();
  if (!reader) return { bytes: 0, text: '' };
  const decoder = new TextDecoder();
  let [bytes, text] = [0, ''];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (bytes < SEARCHED_BYTES)
      text += decoder.decode(value.subarray(0, SEARCHED_BYTES - bytes), { stream: true });
    bytes += value.byteLength;
    if (bytes <= mostBytes) continue;
    await reader.cancel();
    break;
  }
  return { bytes, text };
}
