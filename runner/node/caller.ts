// Calls to the worker over connections that are kept. Node's own client: one more would cost every runner 10 MB.
import type { IncomingMessage } from 'node:http';
import * as https from 'node:https';
import type { HttpAnswer, HttpCall } from '#runner/platform.ts';

/** Imported as a module it would load all that it can give, undici among that: 14 MB of every runner's memory. */
const http = process.getBuiltinModule('node:http');

/** Assignments come in pages far below this; whatever is larger is not the worker. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
const CONNECT_MS = 10_000;
const KEEP = { keepAlive: true, maxSockets: 8, scheduling: 'lifo' } as const;

export class Caller {
  readonly #plain = new http.Agent(KEEP);
  readonly #secure = new https.Agent(KEEP);

  /** Rejects when no whole answer came. */
  call({ method, url, headers, body, timeoutMs }: HttpCall): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const where = new URL(url);
      const [{ request: begin }, agent] =
        where.protocol === 'https:' ? [https, this.#secure] : [http, this.#plain];
      const length = body === null ? {} : { 'content-length': String(body.byteLength) };
      const request = begin(where, { method, agent, headers: { ...headers, ...length } });
      const expiry = setTimeout(() => {
        const late = coded('ETIMEDOUT', `nothing came in ${timeoutMs} ms`);
        request.destroy(Object.assign(late, { name: 'TimeoutError' }));
      }, timeoutMs);
      const connecting = setTimeout(() => {
        request.destroy(coded('ETIMEDOUT', `no connection in ${CONNECT_MS} ms`));
      }, CONNECT_MS);
      const settle = () => {
        clearTimeout(expiry);
        clearTimeout(connecting);
      };
      request.once('socket', (socket) => {
        if (socket.connecting) socket.once('connect', () => clearTimeout(connecting));
        else clearTimeout(connecting);
      });
      request.on('error', (error) => {
        settle();
        reject(error);
      });
      request.once('response', (answer) => {
        read(answer).then(resolve, reject).finally(settle);
      });
      request.end(body ?? undefined);
    });
  }

  /** Ends the connections that are kept. */
  close(): void {
    this.#plain.destroy();
    this.#secure.destroy();
  }
}

async function read(answer: IncomingMessage): Promise<HttpAnswer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > MAX_ANSWER_BYTES) throw coded('EMSGSIZE', 'the answer is too large');
    parts.push(part);
  }
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return { status: answer.statusCode ?? 0, headers, body: Buffer.concat(parts) };
}

function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
