import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { runProbe } from '#runner/probes/index.ts';
import { type Behaviour, rawServer, says } from '#test/support/probes/servers.ts';

const cleanups: Array<() => unknown> = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function probe(behave: Behaviour, fields: Record<string, unknown> = {}, timeoutMs = 2000) {
  const server = await rawServer(behave);
  cleanups.push(server.close);
  const target = `http://127.0.0.1:${server.port}/`;
  return runProbe({ kind: 'http', target, ...fields }, { timeoutMs, probesFolder: null });
}

/** Writes as fast as it is read, for ever. */
function floods(piece: string, head = ''): Behaviour {
  return (socket) => {
    socket.write(head);
    const pour = () => {
      while (!socket.destroyed && socket.write(piece));
    };
    socket.on('drain', pour);
    pour();
  };
}

test('a server that never answers ends at the deadline', async () => {
  const probed = await probe(() => {}, {}, 200);
  expect(probed).toMatchObject({ level: 500, rttUs: null, code: 'timeout' });
  expect(probed.text).toMatch(/^nothing came from 127\.0\.0\.1:\d+ within 200 ms$/);
});

test.each([
  ['its header', 'HTTP/1.1 200 OK\r\nX: ', 'part of a header'],
  ['its body', 'HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n', 'of 5000 bytes of the body'],
])('a server that drips %s ends at the deadline all the same', async (_, start, progress) => {
  const drips: Behaviour = (socket) => {
    socket.write(start);
    const drip = setInterval(() => socket.write('x'), 20);
    socket.once('close', () => clearInterval(drip));
  };
  const probed = await probe(drips, {}, 300);
  expect(probed).toMatchObject({ level: 500, code: 'timeout' });
  expect(probed.text).toContain(progress);
});

test('a header without end is cut off at 64 KiB', async () => {
  const probed = await probe(floods(`X-Filler: ${'y'.repeat(1000)}\r\n`, 'HTTP/1.1 200 OK\r\n'));
  expect(probed).toMatchObject({ level: 500, code: 'http.headers_too_large' });
});

test('interim answers without end are cut off at 64 KiB', async () => {
  const probed = await probe(floods('HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n'));
  expect(probed).toMatchObject({ level: 500, code: 'http.headers_too_large' });
});

test.each([
  ['with its length told', 'HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n'],
  ['in chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n100000\r\n'],
  ['without any length', 'HTTP/1.1 200 OK\r\n\r\n'],
])('a body larger than allowed is down: %s', async (_, head) => {
  const probed = await probe(floods('z'.repeat(4096), head), { maxBytes: 10_000 });
  expect(probed).toMatchObject({ level: 500, code: 'http.too_large' });
  expect(probed.text).toContain('at most 10000 bytes are allowed');
});

test.each([
  ['a greeting of another protocol', '220 mail.example ESMTP\r\n', 'begins with "220 mail'],
  ['a malformed status line', 'HTTP/1.1 OK\r\n\r\n', 'begins with "HTTP/1.1 OK"'],
  ['binary noise', '\x00\x01\x02\x03\r\n\r\n', 'begins with "····"'],
  ['a header line that is none', 'HTTP/1.1 200 OK\r\nno colon\r\n\r\n', 'reads "no colon"'],
  [
    'lengths that differ',
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
    '"1, 2"',
  ],
  ['a negative length', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n', '"-1"'],
  [
    'a chunk size that is none',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    'chunked',
  ],
])('%s is not valid HTTP', async (_, bytes, words) => {
  const probed = await probe(says(bytes));
  expect(probed).toMatchObject({ level: 500, code: 'http.invalid' });
  expect(probed.text).toContain(words);
});

test.each([
  ['before a word', '', 'nothing'],
  ['within the header', 'HTTP/1.1 200 OK\r\nX:', 'part of a header'],
  [
    'within the body',
    'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nall',
    '3 of 9 bytes of the body',
  ],
  [
    'before the last chunk',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nall\r\n',
    '3 bytes of the body',
  ],
])('a server that hangs up %s closed early', async (_, bytes, progress) => {
  const probed = await probe(says(bytes));
  expect(probed).toMatchObject({ level: 500, code: 'closed_early' });
  expect(probed.text).toMatch(new RegExp(`closed the connection after ${progress}$`));
});

test('a connection that is reset says so', async () => {
  const probed = await probe((socket) => socket.resetAndDestroy());
  expect(probed).toMatchObject({ level: 500, code: 'connect.reset' });
});

test.each([
  ['gzip', gzipSync(Buffer.alloc(100 * 2 ** 20))],
  ['br', brotliCompressSync(Buffer.alloc(100 * 2 ** 20))],
  ['gzip, gzip', gzipSync(gzipSync(Buffer.alloc(100 * 2 ** 20)))],
])(
  'a body of %s that unpacks to 100 MiB is unpacked no further than allowed',
  async (coding, body) => {
    const bomb: Behaviour = (socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Encoding: ${coding}\r\n\r\n`);
      socket.end(body);
    };
    const before = process.memoryUsage.rss();
    const probed = await probe(bomb, { bodyContains: ['x'] });
    expect(probed).toMatchObject({ level: 400, code: 'http.too_large' });
    expect(probed.text).toMatch(
      /^the body of \d+ bytes unpacks to more than the 1048576 bytes allowed$/,
    );
    expect(process.memoryUsage.rss() - before).toBeLessThan(60 * 2 ** 20);
    // Who does not look into it does not unpack it.
    expect(await probe(bomb)).toMatchObject({ level: 100, code: 'ok' });
  },
);

test.each([
  ['not what it says', 'gzip', Buffer.from('plain'), 'the body is not gzip: '],
  ['packed in an unknown way', 'sdch', Buffer.from('x'), 'the body is packed as "sdch"'],
  ['packed again and again', 'gzip,gzip,gzip', Buffer.from('x'), 'the body is packed 3 times over'],
])('a body that is %s is named', async (_, coding, body, words) => {
  const probed = await probe(
    (socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Encoding: ${coding}\r\n\r\n`);
      socket.end(body);
    },
    { bodyContains: ['x'] },
  );
  expect(probed).toMatchObject({ level: 400, code: 'http.encoding' });
  expect(probed.text).toContain(words);
});

test('a body of 100 MiB costs no more memory than a small one', async () => {
  const before = process.memoryUsage.rss();
  const pours = floods(
    'z'.repeat(65_536),
    `HTTP/1.1 200 OK\r\nContent-Length: ${100 * 2 ** 20}\r\n\r\n`,
  );
  const probed = await probe(pours, { maxBytes: 10 * 2 ** 20, bodyMatch: 'x' });
  expect(probed).toMatchObject({ level: 500, code: 'http.too_large' });
  expect(process.memoryUsage.rss() - before).toBeLessThan(60 * 2 ** 20);
});

test('a server that closes its half after the request and then says nothing ends at once', async () => {
  const probed = await probe((socket) => socket.end());
  expect(probed).toMatchObject({ level: 500, code: 'closed_early' });
});

test('JSON nested without end and patterns that never finish are held off', async () => {
  const deep = '['.repeat(200_000);
  const nested = await probe(says(`HTTP/1.1 200 OK\r\n\r\n${deep}`), { jsonMatch: ['$ exists'] });
  expect(nested).toMatchObject({ level: 400, code: 'http.json' });
  const body = JSON.stringify({ a: 'a'.repeat(60) });
  const slow = await probe(says(`HTTP/1.1 200 OK\r\n\r\n${body}`), {
    jsonMatch: ['$.a matches /^(a+)+b$/'],
  });
  expect(slow).toMatchObject({ level: 400, code: 'http.json' });
});
