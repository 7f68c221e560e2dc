// The real world for a runner: Node's clocks and timers, a folder, undici.
import { randomBytes } from 'node:crypto';
import { Agent } from 'undici';
import { WebSocket } from 'ws';
import type {
  ChannelCall,
  ChannelLine,
  HttpAnswer,
  HttpCall,
  Log,
  ProbeFunction,
  RunnerPlatform,
} from '#runner/platform.ts';
import { nodeDisk } from './disk.ts';

/** Assignments come in pages far below this; whatever is larger is not the worker. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** A platform whose data folder is `folder`; `close` ends its kept connections. */
export function nodePlatform(options: {
  folder: string;
  probe: ProbeFunction;
  log: Log;
  canaries?: NonNullable<RunnerPlatform['canaries']>;
}): RunnerPlatform & { close: () => Promise<void> } {
  const agent = new Agent({
    connections: 8,
    connect: { timeout: 10_000 },
    keepAliveTimeout: 90_000,
    maxResponseSize: MAX_ANSWER_BYTES,
  });
  return {
    now: () => Date.now(),
    monotonicMs: () => performance.now(),
    setTimer(ms, call) {
      const timer = setTimeout(call, Math.max(0, Math.ceil(ms)));
      return () => clearTimeout(timer);
    },
    nextTurn: (call) => {
      setImmediate(call);
    },
    request: (call) => send(agent, call),
    connect: openChannel,
    disk: nodeDisk(options.folder),
    randomBytes: (n) => randomBytes(n),
    probe: options.probe,
    ...(options.canaries && { canaries: options.canaries }),
    usage: () => {
      const { user, system } = process.cpuUsage();
      return { cpuMs: (user + system) / 1000, rssBytes: process.memoryUsage.rss() };
    },
    log: options.log,
    close: () => agent.destroy(),
  };
}

function openChannel({ url, headers, opened, heard, closed }: ChannelCall): ChannelLine {
  const socket = new WebSocket(url, { headers });
  socket.onopen = opened;
  socket.onmessage = ({ data }) => heard(String(data));
  socket.onclose = closed;
  // What went wrong is told by the close that follows.
  socket.onerror = () => {};
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: () => socket.close(),
  };
}

async function send(agent: Agent, call: HttpCall): Promise<HttpAnswer> {
  const { origin, pathname, search } = new URL(call.url);
  const answer = await agent.request({
    origin,
    path: `${pathname}${search}`,
    method: call.method,
    headers: call.headers,
    body: call.body,
    signal: AbortSignal.timeout(call.timeoutMs),
  });
  const body = new Uint8Array(await answer.body.arrayBuffer());
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return { status: answer.statusCode, headers, body };
}
