// Services that turn to TLS when asked in their protocol; within TLS they say what they heard.
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Issued } from '../certs/authority.ts';
import { type Listening, rawServer } from './servers.ts';

interface Speaker {
  greeting: Buffer;
  /** Bytes of the request for TLS. */
  asks: number;
  /** The answer that agrees to TLS; null = that was not asked for. */
  agrees: (heard: Buffer) => Buffer | null;
}

const SPEAKERS: Record<'ftp' | 'postgres' | 'mysql', Speaker> = {
  ftp: {
    greeting: Buffer.from('220-Welcome\r\n 220 is not the end\r\n220 ready\r\n'),
    asks: 10,
    agrees: (heard) => (String(heard) === 'AUTH TLS\r\n' ? Buffer.from('234 go on\r\n') : null),
  },
  postgres: {
    greeting: Buffer.alloc(0),
    asks: 8,
    agrees: (heard) => (heard.toString('hex') === '0000000804d2162f' ? Buffer.from('S') : null),
  },
  mysql: {
    greeting: mysqlGreeting('11.8.3-MariaDB'),
    asks: 36,
    // The request for TLS is the first 32 bytes of what else would be the login.
    agrees: (heard) =>
      heard.readUIntLE(0, 3) === 32 && (heard.readUInt32LE(4) & 0x0800) !== 0
        ? Buffer.alloc(0)
        : null,
  },
};

export function startTlsServer(
  protocol: keyof typeof SPEAKERS,
  { certificate, key }: Issued,
): Promise<Listening> {
  const { greeting, asks, agrees } = SPEAKERS[protocol];
  const credentials = { cert: readFileSync(certificate), key: readFileSync(key) };
  return rawServer(
    (socket: Socket) => {
      socket.write(greeting);
      socket.once('data', (heard) => {
        const answer = agrees(heard.subarray(0, asks));
        if (!answer) {
          socket.destroy();
          return;
        }
        socket.removeAllListeners('data').pause();
        // Who waits for no answer begins the handshake at once.
        if (heard.length > asks) socket.unshift(heard.subarray(asks));
        socket.write(answer);
        const secure = new TLSSocket(socket, { isServer: true, ...credentials });
        secure.on('error', () => {}).on('data', (said) => secure.write(`you said ${said}`));
      });
    },
    { atOnce: true },
  );
}

/** Protocol 10, as servers have greeted since 1999. */
function mysqlGreeting(version: string): Buffer {
  const body = Buffer.concat([
    Buffer.from([10]),
    Buffer.from(`${version}\0`),
    Buffer.from([1, 0, 0, 0]),
    Buffer.from('12345678\0'),
    // Lower capabilities with TLS among them, charset, status, upper capabilities.
    Buffer.from([0xfe, 0xff, 45, 2, 0, 0xff, 0x81, 21]),
    Buffer.alloc(10),
    Buffer.from('123456789012\0mysql_native_password\0'),
  ]);
  const head = Buffer.alloc(4);
  head.writeUIntLE(body.length, 0, 3);
  return Buffer.concat([head, body]);
}
