// Listening on Node.
import { once } from 'node:events';
import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { rememberPeer } from '#worker/auth/peer.ts';
import { SettingsError } from '#worker/config.ts';
import type { Bell } from './bell.ts';
import { takeUpgrades } from './upgrade.ts';

/** Longer than runners wait from post to post, and than a proxy in front keeps a connection that nobody uses. */
export const KEEP_MS = 75_000;

export type Handler = (request: Request) => Response | Promise<Response>;

export interface Listening {
  port: number;
  /** Takes no more calls; those under way may end within a second. */
  stop: () => Promise<void>;
}

/** Listens, or says in a sentence why it cannot. */
export async function listen(
  host: string,
  port: number,
  handler: Handler,
  bell: Bell,
): Promise<Listening> {
  const server = createAdaptorServer({
    fetch: (request, { incoming }) => {
      rememberPeer(request, incoming.socket.remoteAddress ?? '');
      return handler(request);
    },
  }) as Server;
  server.keepAliveTimeout = KEEP_MS;
  takeUpgrades(server, bell);
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw refusal(error as NodeJS.ErrnoException, host, port);
  }
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    stop: () => close(server),
  };
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), 1000);
  await closed;
  clearTimeout(cut);
}

/** Why listening failed, and what to do. */
export function refusal(error: NodeJS.ErrnoException, host: string, port: number): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return new SettingsError(
        `port ${port} on ${host} is in use by another program; stop it, or choose another port: PORT=${port === 65_535 ? 8788 : port + 1} npm start`,
      );
    case 'EACCES':
      return new SettingsError(
        `this user may not listen on port ${port}; choose one above 1023: PORT=8787 npm start`,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new SettingsError(
        `HOST ${host} is no address of this machine; 127.0.0.1 is this machine only, 0.0.0.0 every network`,
      );
    default:
      return error;
  }
}
