// The same server on Bun: `bun bin/bun.ts`. The runner stays on Node.
import { rememberPeer } from '#worker/auth/peer.ts';
import { readSettings } from '#worker/config.ts';
import { asksForChannel } from '#worker/ingest/admit.ts';
import { buildAssets } from './assets.ts';
import { readEnvironment } from './environment.ts';
import type { Bell, Line } from './server/bell.ts';
import type { Handler, Listening } from './server/listen.ts';
import { makeLog } from './server/log.ts';
import { main } from './server/main.ts';
import { stopOnSignals } from './server/stopping.ts';

/** What we use of Bun's own server. */
interface BunServer {
  port: number;
  stop: (abrupt?: boolean) => Promise<void>;
  requestIP: (request: Request) => { address: string } | null;
  upgrade: (request: Request, options: { data: { runnerId: number } }) => boolean;
}
type BunSocket = Line & { data: { runnerId: number } };
declare const Bun: {
  serve: (options: {
    hostname: string;
    port: number;
    /** Seconds. */
    idleTimeout: number;
    fetch: (
      request: Request,
      server: BunServer,
    ) => ReturnType<Handler> | Promise<Response | undefined>;
    websocket: {
      open: (socket: BunSocket) => void;
      message: (socket: BunSocket, text: string | Buffer) => void;
      close: (socket: BunSocket) => void;
    };
  }) => BunServer;
};

async function listen(
  hostname: string,
  port: number,
  handler: Handler,
  bell: Bell,
): Promise<Listening> {
  const { KEEP_MS, refusal } = await import('./server/listen.ts');
  try {
    const server = Bun.serve({
      hostname,
      port,
      idleTimeout: KEEP_MS / 1000,
      fetch: (request, server) => {
        rememberPeer(request, server.requestIP(request)?.address ?? '');
        return asksForChannel(request) ? upgrade(server, request, bell) : handler(request);
      },
      websocket: {
        open: (socket) => bell.joined(socket.data.runnerId, socket),
        message: (socket, text) => bell.heard(socket.data.runnerId, socket, String(text)),
        close: (socket) => bell.left(socket.data.runnerId, socket),
      },
    });
    return { port: server.port, stop: () => server.stop(true) };
  } catch (error) {
    throw refusal(error as NodeJS.ErrnoException, hostname, port);
  }
}

/** Nothing is answered to who became a socket. */
async function upgrade(
  server: BunServer,
  request: Request,
  bell: Bell,
): Promise<Response | undefined> {
  const runnerId = await bell.admit(request);
  if (typeof runnerId !== 'number') return runnerId;
  if (server.upgrade(request, { data: { runnerId } })) return undefined;
  return new Response('not a WebSocket request', { status: 400 });
}

await main(async () => {
  const environment = readEnvironment(process.env);
  const log = makeLog(readSettings(process.env).ANYUP_LOG ?? 'info');
  const say = (line: string) => log('info', line);
  const stopping = stopOnSignals(say);
  await buildAssets();
  const { startServer } = await import('./server/server.ts');
  const server = await startServer({ environment, runtime: 'bun', log, listen, say });
  stopping.add(server.stop);
  say(`listening on ${server.platform.config.url}`);
});
