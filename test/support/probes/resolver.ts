import { createSocket } from 'node:dgram';
import type { Names } from './runAlone.ts';

const A = 1;
const AAAA = 28;
/** The only IPv6 address that a network without wires has. */
const LOOPBACK6 = [...new Array<number>(15).fill(0), 1];

/** A name server on port 53 of this machine that says of names what `know` says. */
export async function startResolver(
  know: (name: string) => Names[string],
  { host = '127.0.0.1', takesMs = 0 } = {},
) {
  const server = createSocket('udp4');
  server.on('message', (query, from) => {
    const { name, type, end } = readQuestion(query);
    const known = know(name);
    const isDeaf6 = type === AAAA && Array.isArray(known) && known.includes('silent6');
    if (known === 'silent' || isDeaf6) return;
    const codes: Record<string, number> = { missing: 3, broken: 2 };
    const isA = (address: string) => address.includes('.');
    const wanted = (address: string) => address !== 'silent6' && type === (isA(address) ? A : AAAA);
    const addresses = Array.isArray(known) ? known.filter(wanted) : [];
    const head = Buffer.from(query.subarray(0, 12));
    head.writeUInt16BE(0x8180 | (typeof known === 'string' ? (codes[known] ?? 0) : 0), 2);
    head.writeUInt16BE(addresses.length, 6);
    head.writeUInt16BE(0, 8);
    head.writeUInt16BE(0, 10);
    const records = addresses.map((address) => {
      const bytes = isA(address) ? address.split('.').map(Number) : LOOPBACK6;
      return Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 1, 0, bytes.length, ...bytes]);
    });
    const answer = Buffer.concat([head, query.subarray(12, end), ...records]);
    const send = () => server.send(answer, from.port, from.address);
    if (takesMs > 0) setTimeout(send, takesMs);
    else send();
  });
  await new Promise<void>((done) => server.bind(53, host, done));
  return server;
}

function readQuestion(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join('.'), type: query.readUInt16BE(at + 1), end: at + 5 };
}
