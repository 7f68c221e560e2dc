// A real HTTP server on loopback that stands for somebody else's API: strict about what it gets, and told how to
// misbehave. Unscripted, it answers as the real one would.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** `hang`: never answers. `drop`: does its work, then closes the connection without an answer. */
export type Script =
  | 'hang'
  | 'drop'
  | { status: number; body: unknown; headers?: Record<string, string> };

export interface ApiCall {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: unknown;
}

export interface ApiAnswer {
  status: number;
  body: unknown;
}

export interface ScriptedServer {
  url: string;
  /** Every call, however it ended. */
  calls: ApiCall[];
  /** How the next calls end, in their order. */
  next(...scripts: Script[]): void;
  close(): Promise<void>;
}

/** Serves `answer`; it is not asked for calls that are scripted to fail, `drop` apart. */
export async function serveScripted(
  answer: (call: ApiCall) => ApiAnswer,
  { host = '127.0.0.1', port: wanted = 0 } = {},
): Promise<ScriptedServer> {
  const scripts: Script[] = [];
  const calls: ApiCall[] = [];
  const server = createServer(async (request, response) => {
    const script = scripts.shift();
    const call = await readCall(request);
    calls.push(call);
    if (script === 'hang') return;
    if (typeof script === 'object') return reply(response, script);
    const answered = answer(call);
    if (script === 'drop') return request.socket.destroy();
    reply(response, answered);
  });
  await new Promise<void>((resolve) => server.listen(wanted, host, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${port}`,
    calls,
    next: (...more) => {
      scripts.push(...more);
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function readCall(request: IncomingMessage): Promise<ApiCall> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  const { method = '', url = '', headers } = request;
  return { method, path: url, headers, body: text === '' ? undefined : JSON.parse(text) };
}

function reply(
  response: ServerResponse,
  { status, body, headers }: ApiAnswer & { headers?: Record<string, string> },
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}
