// The instant channel on Node: a runner's request to upgrade becomes a socket of the bell.
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { asksForChannel } from '#worker/ingest/admit.ts';
import type { Bell } from './bell.ts';

const MOST_BYTES = 1024;

export function takeUpgrades(server: Server, bell: Bell): void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MOST_BYTES });
  server.on('upgrade', async (incoming, socket, head) => {
    socket.on('error', () => {});
    try {
      const request = requestOf(incoming);
      if (!asksForChannel(request)) return refuse(socket, new Response(null, { status: 404 }));
      const runnerId = await bell.admit(request);
      if (typeof runnerId !== 'number') return refuse(socket, runnerId);
      sockets.handleUpgrade(incoming, socket, head, (line) => {
        line.on('error', () => line.terminate());
        line.on('message', (text) => bell.heard(runnerId, line, String(text)));
        line.on('close', () => bell.left(runnerId, line));
        bell.joined(runnerId, line);
      });
    } catch {
      refuse(socket, new Response(null, { status: 500 }));
    }
  });
}

function requestOf({ url = '/', method = 'GET', headers }: IncomingMessage): Request {
  const { authorization, upgrade } = headers;
  return new Request(new URL(url, 'http://localhost'), {
    method,
    headers: {
      ...(authorization !== undefined && { authorization }),
      ...(upgrade !== undefined && { upgrade }),
    },
  });
}

async function refuse(socket: Duplex, answer: Response): Promise<void> {
  const body = await answer.text();
  const type = answer.headers.get('content-type') ?? 'text/plain';
  socket.end(
    `HTTP/1.1 ${answer.status} Refused\r\nconnection: close\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
