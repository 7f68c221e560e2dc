// The real world for a runner: Node's clocks, timers and connections, a folder.
import { randomBytes } from 'node:crypto';
import { WebSocket } from 'ws';
import type {
  ChannelCall,
  ChannelLine,
  Log,
  ProbeFunction,
  RunnerPlatform,
} from '#runner/platform.ts';
import { Caller } from './caller.ts';
import { nodeDisk } from './disk.ts';

/** A platform whose data folder is `folder`; `close` ends its kept connections. */
export function nodePlatform(options: {
  folder: string;
  probe: ProbeFunction;
  log: Log;
  canaries?: NonNullable<RunnerPlatform['canaries']>;
}): RunnerPlatform & { close: () => Promise<void> } {
  const caller = new Caller();
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
    request: (call) => caller.call(call),
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
    close: async () => caller.close(),
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
