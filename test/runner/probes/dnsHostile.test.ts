// Name servers that lie, ramble, drip or say nothing, each against real sockets.
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:net';
import { AUTHENTIC_DATA, decode, encode } from 'dns-packet';
import { afterEach, describe, expect, test } from 'vitest';
import { makeQuery, readReply } from '#runner/dns/message.ts';
import { runProbe } from '#runner/probes/index.ts';
import { rawServer } from '#test/support/probes/servers.ts';

const cleanups: Array<() => unknown> = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

type Answers = (query: Buffer, tries: number) => Buffer[];

/** A datagram server that answers as told. */
async function udp(answers: Answers): Promise<string> {
  const server = createSocket('udp4');
  let tries = 0;
  server.on('message', (query, from) => {
    for (const answer of answers(query, ++tries)) server.send(answer, from.port, from.address);
  });
  await new Promise<void>((done) => server.bind(0, '127.0.0.1', done));
  cleanups.push(() => new Promise<void>((done) => server.close(done)));
  return `127.0.0.1:${server.address().port}`;
}

/** A connection server that answers the first bytes as told. */
async function tcp(behave: (socket: Socket, query: Buffer) => void): Promise<string> {
  const server = await rawServer(
    (socket) => socket.once('data', (bytes) => behave(socket, bytes.subarray(2))),
    { atOnce: true },
  );
  cleanups.push(server.close);
  return `tcp://127.0.0.1:${server.port}`;
}

interface Changes {
  id?: number;
  name?: string;
  flags?: number;
}

function reply(query: Buffer, { id, name, flags = 0 }: Changes = {}): Buffer {
  const asked = decode(query);
  const [question] = asked.questions ?? [];
  const asks = { type: 'A', class: 'IN', name: name ?? question?.name ?? '' } as const;
  return encode({
    ...{ type: 'response', id: id ?? asked.id, flags },
    questions: [asks],
    answers: [{ ...asks, ttl: 60, data: '192.0.2.1' }],
  });
}

function withLength(message: Buffer, length = message.length): Buffer {
  const prefix = Buffer.alloc(2);
  prefix.writeUInt16BE(length);
  return Buffer.concat([prefix, message]);
}

function probe(resolver: string, fields: Record<string, unknown> = {}, timeoutMs = 800) {
  const config = { kind: 'dns', target: 'dns:www.zone.test', resolver, ...fields };
  return runProbe(config, { timeoutMs, probesFolder: null });
}

const WRONG_ID = (query: Buffer) => reply(query, { id: (decode(query).id ?? 0) ^ 1 });

describe('by datagram, a server that', () => {
  test.each<[string, Answers, string, RegExp]>([
    ['never answers', () => [], 'dns.no_answer', /^no answer from \S+ within 800 ms$/],
    [
      'answers with another id',
      (query) => [WRONG_ID(query)],
      'dns.invalid',
      /sent an answer to other questions, none to ours/,
    ],
    [
      'answers another question',
      (query) => [reply(query, { name: 'x.test' })],
      'dns.invalid',
      /it answers another question/,
    ],
    ['sends back the question', (query) => [query], 'dns.invalid', /other questions, none to ours/],
    [
      'sends noise',
      () => [Buffer.from('hello, I am no name server')],
      'dns.invalid',
      /other questions/,
    ],
    ['sends an empty datagram', () => [Buffer.alloc(0)], 'dns.invalid', /other questions/],
    [
      'stops within the answer',
      (query) => [reply(query).subarray(0, 40)],
      'dns.invalid',
      /cannot be read/,
    ],
    [
      'sends the header alone',
      (query) => [reply(query).subarray(0, 12)],
      'dns.invalid',
      /cannot be read/,
    ],
    [
      'sends less than a header',
      (query) => [reply(query).subarray(0, 5)],
      'dns.invalid',
      /shorter than a header/,
    ],
    ['promises 65,535 records', (query) => [lying(reply(query))], 'dns.invalid', /cannot be read/],
    [
      'strings names together without end',
      (query) => [strung(query)],
      'dns.invalid',
      /strung together without end/,
    ],
    [
      'points names at themselves',
      (query) => [looping(reply(query))],
      'dns.invalid',
      /cannot be read/,
    ],
  ])('%s is named so', async (_, answers, code, text) => {
    const waits = code === 'dns.no_answer' || text.source.includes('other questions');
    const probed = await probe(await udp(answers), {}, waits ? 800 : 10_000);
    expect(probed).toMatchObject({ level: 500, rttUs: null, code });
    expect(probed.text).toMatch(text);
  });

  test('loses the first question is asked again', async () => {
    const resolver = await udp((query, tries) => (tries === 1 ? [] : [reply(query)]));
    const probed = await probe(resolver, {}, 10_000);
    expect(probed).toMatchObject({ level: 100, code: 'ok' });
    expect(probed.rttUs).toBeGreaterThan(900_000);
  });

  test('is overheard by others is believed, and they are not', async () => {
    const forged = (query: Buffer) => Array.from({ length: 50 }, () => WRONG_ID(query));
    const resolver = await udp((query) => [...forged(query), reply(query)]);
    expect(await probe(resolver, { expect: ['192.0.2.1'] }, 10_000)).toMatchObject({ level: 100 });
  });

  test('cuts its answer and has no TCP is told apart', async () => {
    const cut = await udp((query) => [reply(query, { flags: 1 << 9 })]);
    const probed = await probe(cut, {}, 10_000);
    expect(probed).toMatchObject({ level: 500, code: 'connect.refused' });
    expect(probed.text).toMatch(/^the answer by UDP was cut, and by TCP: connection refused/);
  });

  test('validates says so by a flag', async () => {
    const resolver = await udp((query) => [reply(query, { flags: AUTHENTIC_DATA })]);
    const probed = await probe(resolver, { requireAd: true }, 10_000);
    expect(probed).toMatchObject({ level: 100, code: 'ok' });
    expect(probed.detail).toContain('validated by DNSSEC');
  });
});

/** The number of answers, as the header has it. */
function lying(message: Buffer): Buffer {
  message.writeUInt16BE(0xffff, 6);
  return message;
}

/** The name of the answer becomes a pointer to where it stands. */
function looping(message: Buffer): Buffer {
  const at = 12 + 'www.zone.test'.length + 2 + 4;
  const bent = Buffer.from(message);
  bent.writeUInt16BE(0xc000 | at, at);
  return bent;
}

/** Thousands of pointers in a row, and thousands of records whose names go all along them. */
function strung(query: Buffer): Buffer {
  const end = query.length - 11;
  const head = Buffer.from(query.subarray(0, end));
  head.writeUInt16BE(0x8400, 2);
  const begin = end + 12;
  const chain = Buffer.alloc(2 * Math.floor((0x3ffe - begin) / 2));
  for (let at = 0; at < chain.length; at += 2) {
    chain.writeUInt16BE(0xc000 | (at === 0 ? 12 : begin + at - 2), at);
  }
  const last = 0xc000 | (begin + chain.length - 2);
  const first = Buffer.from([
    ...[0xc0, 12, 0, 10, 0, 1, 0, 0, 0, 1],
    ...[chain.length >> 8, chain.length & 255],
  ]);
  const record = Buffer.from([0, 0, 0, 2, 0, 1, 0, 0, 0, 1, 0, 2, 0, 0]);
  record.writeUInt16BE(last, 0);
  record.writeUInt16BE(last, 12);
  const count = 3000;
  head.writeUInt16BE(count + 1, 6);
  head.writeUInt16BE(0, 10);
  return Buffer.concat([head, first, chain, ...new Array<Buffer>(count).fill(record)]);
}

test('a message that is cut or bent anywhere is read as something or refused, never worse', () => {
  const query = makeQuery({ name: 'www.zone.test', type: 'TXT', recursive: true });
  const name = 'www.zone.test';
  const whole = encode({
    ...{ type: 'response', id: query.id, questions: [{ name, type: 'TXT', class: 'IN' }] },
    answers: [
      { type: 'CNAME', name, data: 'alias.zone.test' },
      { type: 'TXT', name, data: ['one', 'two'] },
      { type: 'MX', name, data: { preference: 10, exchange: 'mail.zone.test' } },
      { type: 'SOA', name, data: { mname: 'a.test', rname: 'b.test', serial: 1 } },
      { type: 'CAA', name, data: { tag: 'issue', value: 'x' } },
      {
        ...{ type: 'TLSA', name },
        data: { usage: 3, selector: 1, matchingType: 1, certificate: Buffer.alloc(32) },
      },
    ],
  });
  expect(readReply(query, whole)).toMatchObject({ records: [{ type: 'TXT', value: 'onetwo' }] });
  for (let at = 0; at < whole.length; at++) {
    const read: unknown[] = [readReply(query, whole.subarray(0, at))];
    for (const change of [0x01, 0x55, 0x80, 0xff]) {
      const bent = Buffer.from(whole);
      bent[at] = (bent[at] as number) ^ change;
      read.push(readReply(query, bent));
    }
    for (const each of read) expect(['object', 'string']).toContain(typeof each);
  }
});

describe('by connection, a server that', () => {
  test.each<[string, (socket: Socket, query: Buffer) => void, string, RegExp]>([
    ['never answers', () => {}, 'dns.no_answer', /within 800 ms$/],
    ['hangs up', (socket) => socket.end(), 'closed_early', /after 0 bytes/],
    ['closes half and waits', (socket) => socket.end(), 'closed_early', /closed the connection/],
    ['resets', (socket) => socket.resetAndDestroy(), 'connect.reset', /reset by/],
    [
      'promises more than it sends',
      (socket, query) => socket.end(withLength(reply(query), 5000)),
      'closed_early',
      /after \d+ of 5000 bytes/,
    ],
    [
      'promises more and waits',
      (socket, query) => socket.write(withLength(reply(query), 5000)),
      'timeout',
      /^\d+ of 5000 bytes of an answer came/,
    ],
    [
      'promises less than it sends',
      (socket, query) => socket.write(withLength(reply(query), 20)),
      'dns.invalid',
      /cannot be read/,
    ],
    [
      'promises nothing',
      (socket) => socket.write(withLength(Buffer.alloc(0))),
      'dns.invalid',
      /cannot be read/,
    ],
    [
      'drips',
      (socket, query) => drip(socket, withLength(reply(query), 60_000)),
      'timeout',
      /bytes of an answer came/,
    ],
    ['pours without end', (socket) => pour(socket), 'dns.invalid', /cannot be read/],
    [
      'speaks HTTP',
      (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
      'closed_early',
      /of 18516 bytes/,
    ],
  ])('%s is named so', async (_, behave, code, text) => {
    const waits = code === 'dns.no_answer' || code === 'timeout';
    const probed = await probe(await tcp(behave), {}, waits ? 800 : 10_000);
    expect(probed).toMatchObject({ level: 500, rttUs: null, code });
    expect(probed.text).toMatch(text);
  });

  test('answers piece by piece is understood', async () => {
    const resolver = await tcp((socket, query) => drip(socket, withLength(reply(query)), 5));
    expect(await probe(resolver, {}, 10_000)).toMatchObject({ level: 100 });
  });
});

function drip(socket: Socket, bytes: Buffer, everyMs = 20): void {
  let at = 0;
  const dripping = setInterval(() => socket.write(bytes.subarray(at, ++at)), everyMs);
  socket.on('close', () => clearInterval(dripping));
}

function pour(socket: Socket): void {
  const more = () => {
    while (!socket.destroyed && socket.write(Buffer.alloc(64 * 1024, 0xff)));
  };
  socket.on('drain', more);
  more();
}

test('two thousand silent name servers at once cost no more than their sockets, and all end at their deadline', async () => {
  const resolver = await udp(() => []);
  const before = process.memoryUsage().rss;
  const probed = await Promise.all(Array.from({ length: 2000 }, () => probe(resolver, {}, 1500)));
  expect(new Set(probed.map(({ code }) => code))).toEqual(new Set(['dns.no_answer']));
  expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
});
