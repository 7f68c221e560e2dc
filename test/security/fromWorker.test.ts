// Attacks by way of the worker's own looks: whoever may write a check, or runs the site that is looked at, wants the worker
// to ask something for them that only it can reach.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addressRefusal, hostRefusal, parseNetwork } from '#core/net/reach.ts';
import { errorsOf, withApi } from '#test/support/api.ts';
import { startTarget, type Target } from '#test/support/targets.ts';
import { tick } from '#worker/tick/tick.ts';

/** The site of the attacker is allowed, the machine they are after is not. */
const api = withApi({
  workerNetworks: [parseNetwork('127.0.0.2')].filter((each) => each !== null),
});

let site: Target;
let victim: Target;

beforeEach(async () => {
  site = await startTarget('127.0.0.2');
  victim = await startTarget('127.0.0.3');
  await api.patch('/settings', { fromWorker: true });
});

afterEach(async () => {
  await Promise.all([site.stop(), victim.stop()]);
});

function add(target: string, fields: object = {}) {
  const check = { target, locations: ['This worker'], retryAfter: '100ms', ...fields };
  return api.post('/hosts', { name: 'x', checks: [check] });
}

async function look() {
  api.platform.advance(60_000);
  await tick(api.platform);
  await api.platform.settle();
}

/** What is known of the one check: never that it is up, or down. */
async function known() {
  const { body } = await api.get('/status');
  return body.hosts[0].checks[0].status;
}

describe('a check that names what is not public is refused', () => {
  const PORT = ':8080';
  it.each([
    'http://127.0.0.1/',
    `http://127.0.0.3${PORT}/`,
    'http://2130706433/',
    'http://0x7f000001/',
    'http://017700000001/',
    'http://127.1/',
    'http://0/',
    'http://[::1]/',
    'http://[::]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[2002:7f00:1::]/',
    'http://[fe80::1]/',
    'http://[fd00:ec2::254]/',
    'http://169.254.169.254/latest/meta-data/',
    'http://100.100.100.200/',
    'http://10.0.0.1/',
    'http://172.16.0.1/',
    'http://192.168.1.1/',
    'http://100.64.0.1/',
    'http://198.18.0.1/',
    'http://224.0.0.1/',
    'http://255.255.255.255/',
    'http://１２７.０.０.１/',
    '127.0.0.1:22',
    '10.0.0.1:5432',
    '[::1]:22',
    '[::ffff:10.0.0.1]:22',
    '0x7f000001:22',
    '0x7f.1:22',
  ])('%s', async (target) => {
    const answer = await add(target);
    expect(answer.status).toBe(400);
    expect(errorsOf(answer).join()).toMatch(/checks\[0\]\.target: .*is not a public/);
  });

  it.each([
    'localhost',
    'LOCALHOST.',
    'db.localhost',
    'printer.local',
    'metadata.google.internal',
    'intranet',
    'router.lan',
    'nas.home.arpa',
  ])('the name %s, where no network is allowed', (name) => {
    expect(hostRefusal(name)).toBe('is not a public name');
  });
});

describe('a site that sends the worker elsewhere', () => {
  it.each([
    ['the machine beside it', () => `${victim.origin}/`],
    ['its address as one number', () => `http://2130706435:${victim.port}/`],
    ['its address in hexadecimal', () => `http://0x7f.3:${victim.port}/`],
    ['its address wrapped in IPv6', () => `http://[::ffff:127.0.0.3]:${victim.port}/`],
    ['another address of this machine', () => `//127.0.0.3:${victim.port}/`],
    ['a name of this machine', () => `http://localhost:${victim.port}/`],
    ['the metadata of a cloud', () => 'http://169.254.169.254/latest/meta-data/'],
  ])('%s: it does not go there, and nothing is known', async (_, location) => {
    site.answer = (_, response) => response.writeHead(302, { location: location() }).end();
    expect((await add(`${site.origin}/`)).status).toBe(201);
    await look();
    expect(site.asked).toEqual(['GET /']);
    expect(victim.asked).toEqual([]);
    expect(await known()).toBe('unknown');
  });

  it('by many steps: each is looked at', async () => {
    site.answer = ({ url }, response) => {
      const location = url === '/3' ? `${victim.origin}/` : `/${Number(url?.slice(1)) + 1}`;
      response.writeHead(307, { location }).end();
    };
    await add(`${site.origin}/0`);
    await look();
    expect(site.asked).toEqual(['GET /0', 'GET /1', 'GET /2', 'GET /3']);
    expect(victim.asked).toEqual([]);
    expect(await known()).toBe('unknown');
  });

  it.each(['file:///etc/passwd', 'ftp://127.0.0.3/', 'gopher://127.0.0.3:1/_x', 'data:,x'])(
    'by another scheme: %s leads nowhere',
    async (location) => {
      site.answer = (_, response) => response.writeHead(302, { location }).end();
      await add(`${site.origin}/`);
      await look();
      expect(victim.asked).toEqual([]);
      const { body } = await api.get('/status');
      expect(body.hosts[0].checks[0].reason.code).toBe('http.redirects');
    },
  );
});

describe('names', () => {
  it('that lead to what is not allowed are resolved, and not connected to', async () => {
    expect((await add(`http://localhost:${victim.port}/`)).status).toBe(201);
    await look();
    expect(victim.asked).toEqual([]);
    expect(await known()).toBe('unknown');
  });

  it('for TCP likewise', async () => {
    expect((await add(`localhost:${victim.port}`)).status).toBe(201);
    await look();
    expect(await known()).toBe('unknown');
  });
});

it('what was allowed once and is not any more is not looked at', async () => {
  await add(`${site.origin}/`);
  api.platform.config.workerNetworks = [];
  await look();
  expect(site.asked).toEqual([]);
  expect(await known()).toBe('unknown');
});

it('a body without end is read as far as the limit, and no further', async () => {
  let sent = 0;
  site.answer = (_, response) => {
    const more = () => {
      while (!response.destroyed && sent < 200 * 1024 * 1024) {
        sent += 65_536;
        if (!response.write(Buffer.alloc(65_536))) return void response.once('drain', more);
      }
    };
    more();
  };
  await add(`${site.origin}/`, { maxBytes: 100_000 });
  await look();
  const { body } = await api.get('/status');
  expect(body.hosts[0].checks[0].reason.code).toBe('http.too_large');
  expect(sent).toBeLessThan(32 * 1024 * 1024);
});

it('headers without end are cut off', async () => {
  site.answer = (_, response) => response.writeHead(200, { 'x-long': 'a'.repeat(100_000) }).end();
  await add(`${site.origin}/`);
  await look();
  const { body } = await api.get('/status');
  expect(body.hosts[0].checks[0].reason.code).toBe('http.headers_too_large');
});

it('only the owner may switch it on', async () => {
  const token = await api.token('write');
  expect((await api.patch('/settings', { fromWorker: false }, { token })).status).toBe(403);
});

it.each([
  ['1.1.1.1', null],
  ['8.8.8.8', null],
  ['172.15.255.255', null],
  ['172.32.0.0', null],
  ['100.128.0.0', null],
  ['2606:4700::1111', null],
  ['::ffff:1.1.1.1', null],
  ['64:ff9b::101:101', null],
  ['2001:db8::1', 'is not a public address'],
  ['2001::1', 'is not a public address'],
  ['fc00::1', 'is not a public address'],
  ['ff02::1', 'is not a public address'],
  ['::127.0.0.1', 'is not a public address'],
  ['192.0.0.8', 'is not a public address'],
  ['240.0.0.1', 'is not a public address'],
  ['nonsense', 'is no address'],
])('the address %s', (address, refusal) => {
  expect(addressRefusal(address)).toBe(refusal);
});
