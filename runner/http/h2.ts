// One request over HTTP/2 on a connection of its own, by Node's client.
import { connect, constants, type IncomingHttpHeaders } from 'node:http2';
import type { Socket } from 'node:net';
import { microsSince } from '../deadline.ts';
import { keepsBody } from '../evidence/seen.ts';
import { codeOf, Failure, messageOf, socketFailure } from '../failure.ts';
import { seenHere } from '../guard/probing.ts';
import { BodyReader } from './body.ts';
import { type Answer, type ExchangeTerms, limitsFor } from './exchange.ts';
import { MAX_HEAD_BYTES, type ResponseHead } from './head.ts';
import { DEFAULTS, type HttpRequest, hasHeader } from './request.ts';

/** Not part of HTTP/2. */
const HOP_BY_HOP = new Set(['host', 'keep-alive', 'proxy-connection', 'http2-settings']);

/** As `exchange`, where HTTP/2 was agreed on; the socket is of no use afterwards. */
export function exchangeH2(
  socket: Socket,
  request: HttpRequest,
  terms: ExchangeTerms,
): Promise<Answer | Failure> {
  return new Promise((resolve) => {
    const { deadline, peer } = terms;
    const seen = seenHere();
    const startedAt = performance.now();
    let firstByteUs = 0;
    let head: ResponseHead | null = null;
    let body: BodyReader | null = null;
    const session = connect(request.url.origin, {
      createConnection: () => socket,
      settings: { enablePush: false, maxHeaderListSize: MAX_HEAD_BYTES },
      maxSessionMemory: 2,
    });
    const stream = session.request(headersOf(request), { endStream: request.body === null });
    const settle = (outcome: Answer | Failure) => {
      clearTimeout(expiry);
      session.destroy();
      socket.destroy();
      if (seen && head) seen.answer = { version: 'HTTP/2', head, body };
      resolve(outcome);
    };
    const finish = () => {
      if (!head) {
        settle(new Failure('closed_early', `${peer.name} ended the stream without an answer`));
        return;
      }
      const kept = body?.kept() ?? Buffer.alloc(0);
      const lastByteUs = microsSince(startedAt);
      settle({ head, firstByteUs, lastByteUs, bodyBytes: body?.bytes ?? 0, body: kept });
    };
    const expiry = setTimeout(() => {
      const came = body ? body.progress() : 'nothing';
      const text = `${came} came from ${peer.name} within ${deadline.timeoutMs} ms`;
      settle(new Failure('timeout', text));
    }, deadline.leftMs());

    stream.on('response', (headers) => {
      firstByteUs = microsSince(startedAt);
      head = headOf(headers);
      if (terms.skipsBody(head)) finish();
      else
        body = new BodyReader(
          { type: 'close' },
          limitsFor(head, terms.limits, keepsBody(seen, head)),
        );
    });
    stream.on('data', (chunk: Buffer) => {
      const outcome = body?.read(chunk);
      if (outcome instanceof Failure) settle(outcome);
    });
    stream.on('end', finish);
    const broken = (error: Error) => settle(failureOf(error, peer, microsSince(startedAt)));
    stream.on('error', broken);
    session.on('error', broken);
    session.on('close', () => {
      const text = `${peer.name} closed the connection after ${body ? body.progress() : 'nothing'}`;
      settle(new Failure('closed_early', text));
    });
    if (request.body !== null) stream.end(request.body, 'utf8');
    if (socket.isPaused()) socket.resume();
  });
}

function headersOf({ url, method, headers, body }: HttpRequest): Record<string, string | string[]> {
  const host = headers.find(([name]) => name.toLowerCase() === 'host')?.[1] ?? url.host;
  const fields: Record<string, string> = {
    [constants.HTTP2_HEADER_METHOD]: method,
    [constants.HTTP2_HEADER_SCHEME]: url.protocol.slice(0, -1),
    [constants.HTTP2_HEADER_AUTHORITY]: host,
    [constants.HTTP2_HEADER_PATH]: `${url.pathname}${url.search}`,
  };
  for (const [name, value] of DEFAULTS) {
    if (!hasHeader(headers, name.toLowerCase())) fields[name.toLowerCase()] = value;
  }
  for (const [name, value] of headers) {
    if (!HOP_BY_HOP.has(name.toLowerCase())) fields[name.toLowerCase()] = value;
  }
  if (body !== null) fields['content-length'] = String(Buffer.byteLength(body));
  return fields;
}

function headOf(fields: IncomingHttpHeaders & { ':status'?: number | undefined }): ResponseHead {
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(fields)) {
    if (name.startsWith(':') || value === undefined) continue;
    headers.set(name, Array.isArray(value) ? value.join('\n') : String(value));
  }
  return { status: Number(fields[':status']), headers };
}

function failureOf(error: Error, peer: ExchangeTerms['peer'], afterUs: number): Failure {
  const code = codeOf(error);
  if (!code.startsWith('ERR_HTTP2')) return socketFailure(error, peer, afterUs);
  if (/FRAME_SIZE|HEADER|ENHANCE/i.test(messageOf(error))) {
    const text = 'the response header is larger than 64 KiB';
    return new Failure('http.headers_too_large', text);
  }
  return new Failure('http.invalid', `${peer.name}: ${messageOf(error)}`);
}
