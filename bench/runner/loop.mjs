// A bare loop in Node with the runner's pacing, which keeps nothing of what it hears: what Node itself takes for these
// checks. loop.mjs tcp|http|https COUNT PORT
import { connect } from 'node:net';
import { createSecureContext, connect as secure } from 'node:tls';

const [kind, count, port] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const GROUP = 8;
const SLOTS = 20;
const ADDRESSES = 50;
const PHASE_MS = 600;
const secureContext = createSecureContext({ ecdhCurve: 'X25519:P-256:P-384' });

function ask(index) {
  const host = `127.0.1.${1 + (index % ADDRESSES)}`;
  const socket = connect({ host, port, noDelay: true });
  socket.on('error', () => {});
  socket.on('connect', () => {
    if (kind === 'tcp') return socket.resetAndDestroy();
    const stream =
      kind === 'http'
        ? socket
        : secure({ socket, servername: 'localhost', secureContext, rejectUnauthorized: false });
    const request = `GET /${index} HTTP/1.1\r\nHost: ${host}:${port}\r\nConnection: close\r\n\r\n`;
    stream.on('error', () => {});
    stream.on('data', () => stream.destroy());
    stream.write(request);
  });
}

function group(from, to) {
  for (let index = from; index < Math.min(to, from + GROUP); index++) ask(index);
  if (from + GROUP < to) setImmediate(group, from + GROUP, to);
}

function slot() {
  const second = Math.floor(Date.now() / 1000) % SLOTS;
  group(Math.floor((count * second) / SLOTS), Math.floor((count * (second + 1)) / SLOTS));
  setTimeout(slot, 1000 - ((Date.now() - PHASE_MS) % 1000));
}
setTimeout(slot, 1000 - ((Date.now() - PHASE_MS) % 1000));
