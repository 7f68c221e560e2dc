// Attacks on what runners call (docs/protocol.md): forged, stolen, repeated and overlarge calls.
import { createHash, createHmac, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import { encodeResults } from '#core/wire/results.ts';
import {
  evidencePack,
  type FakeRunner,
  makeJoinCode,
  makeRunnerKey,
  result,
  signCall,
} from '#test/support/fakeRunner.ts';
import {
  type Answer,
  answerOf,
  leaveScene,
  ORIGIN,
  type Scene,
  strikeScene,
  takeScene,
} from './scene.ts';

let scene: Scene;

beforeEach(async () => {
  scene = await takeScene();
});
afterEach(() => leaveScene(scene));
afterAll(strikeScene);

const RESULTS = '/api/v1/runner/results';
const EVIDENCE = '/api/v1/runner/evidence';

/** A post of Home with one reading, unsigned: what a forger starts from. */
function draft() {
  const { home, platform, checkId } = scene;
  const wire = encodeResults([result(checkId, platform.now())], {
    sentAt: platform.now(),
    configVersion: 0,
  });
  const body = Buffer.from(JSON.stringify(wire));
  const iat = Math.floor(platform.now() / 1000);
  const claims = {
    iss: home.id,
    aud: home.aud,
    htm: 'POST',
    htu: RESULTS,
    iat,
    exp: iat + 60,
    jti: randomUUID(),
    body: hashOf(body),
    shard: 0,
    stream: 'live',
    seq: 2,
    boot: home.boot,
  };
  return { body, claims };
}

function otherBytes(): Buffer {
  return Buffer.from(draft().body.toString().replace('"level":[100]', '"level":[500]'));
}

function hashOf(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('base64url');
}

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');

/** Sends a token made by hand. */
function forged(
  header: object,
  claims: object,
  signature: (input: string) => Buffer,
  body: Uint8Array,
  path = RESULTS,
): Promise<Answer> {
  const input = `${encode(header)}.${encode(claims)}`;
  const token = `${input}.${signature(input).toString('base64url')}`;
  return post(token, body, path);
}

function post(
  token: string,
  body: Uint8Array,
  path = RESULTS,
  headers: Record<string, string> = {},
) {
  return scene.ask(path, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, ...headers },
    body: new Uint8Array(body),
  });
}

/** A post signed by Home's own key, with claims replaced. */
async function signed(
  claims: Record<string, unknown>,
  given: Uint8Array = draft().body,
): Promise<Answer> {
  const { home, platform } = scene;
  const call = { method: 'POST', path: RESULTS, body: given, now: platform.now() };
  const usual = { iss: home.id, aud: home.aud, shard: 0, stream: 'live', seq: 2, boot: home.boot };
  return post(await signCall(home.key, call, { ...usual, ...claims }), given);
}

async function posted(
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const { home, platform } = scene;
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const call = { method: 'POST', path: RESULTS, body: bytes, now: platform.now() };
  const claims = { iss: home.id, aud: home.aud, shard: 0, stream: 'live', seq: 2, boot: home.boot };
  return post(await signCall(home.key, call, claims), bytes, RESULTS, headers);
}

/** A pack of Home's own check, with fields replaced. */
function packed(fields: Record<string, unknown> = {}): Uint8Array<ArrayBuffer> {
  const pack = evidencePack(scene.checkId, scene.platform.now());
  return new TextEncoder().encode(JSON.stringify({ ...pack, ...fields }));
}

function withResponse(fields: Record<string, unknown>): Uint8Array<ArrayBuffer> {
  const { seen } = evidencePack(scene.checkId, scene.platform.now());
  return packed({ seen: { ...seen, response: { ...seen.response, ...fields } } });
}

/** Evidence signed by Home's own key. */
async function shown(
  body: Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
  claims: Record<string, unknown> = {},
): Promise<Answer> {
  const { home, platform } = scene;
  const call = { method: 'POST', path: EVIDENCE, body, now: platform.now() };
  const token = await signCall(home.key, call, { iss: home.id, aud: home.aud, ...claims });
  return post(token, body, EVIDENCE, headers);
}

const gzip = { 'content-encoding': 'gzip' };
const own = () => generateKeyPairSync('ed25519');
const eddsa =
  (key = own().privateKey) =>
  (input: string) =>
    sign(null, Buffer.from(input), key);
const MB = 1024 * 1024;

/** Name, attack, what must come back. */
const ATTACKS: Array<[name: string, attack: () => Promise<Answer>, back: string]> = [
  ['no token at all', () => scene.ask(RESULTS, { method: 'POST', body: '{}' }), '401 bad_token'],
  [
    'alg none, without a signature',
    () => post(`${encode({ alg: 'none' })}.${encode(draft().claims)}.`, draft().body),
    '401 bad_token',
  ],
  [
    'alg none, with some signature',
    () => forged({ alg: 'none' }, draft().claims, () => Buffer.from('x'), draft().body),
    '401 bad_token',
  ],
  [
    'HS256 with the public key as its secret',
    () => {
      const secret = Buffer.from(scene.home.key.x, 'base64url');
      const hmac = (input: string) => createHmac('sha256', secret).update(input).digest();
      return forged({ alg: 'HS256' }, draft().claims, hmac, draft().body);
    },
    '401 bad_token',
  ],
  [
    'a key of its own in the header (jwk)',
    () => {
      const { publicKey, privateKey } = own();
      const jwk = publicKey.export({ format: 'jwk' });
      return forged({ alg: 'EdDSA', jwk }, draft().claims, eddsa(privateKey), draft().body);
    },
    '401 bad_token',
  ],
  [
    'a key from an address of its own (jku, x5u)',
    () =>
      forged(
        { alg: 'EdDSA', jku: 'http://127.0.0.1:9/', x5u: 'http://127.0.0.1:9/' },
        draft().claims,
        eddsa(),
        draft().body,
      ),
    '401 bad_token',
  ],
  [
    'a kid that is a path',
    () => forged({ alg: 'EdDSA', kid: '../../../dev/null' }, draft().claims, eddsa(), draft().body),
    '401 bad_token',
  ],
  [
    'a kid that is SQL',
    () => forged({ alg: 'EdDSA', kid: "x' or '1'='1" }, draft().claims, eddsa(), draft().body),
    '401 bad_token',
  ],
  [
    'a critical header nobody knows',
    () => forged({ alg: 'EdDSA', crit: ['x'], x: 1 }, draft().claims, eddsa(), draft().body),
    '401 bad_token',
  ],
  [
    'an empty signature',
    () => forged({ alg: 'EdDSA' }, draft().claims, () => Buffer.alloc(0), draft().body),
    '401 bad_token',
  ],
  [
    'a signature of nothing but zeros',
    () => forged({ alg: 'EdDSA' }, draft().claims, () => Buffer.alloc(64), draft().body),
    '401 bad_token',
  ],
  ['for another Anyup (aud)', () => signed({ aud: 'https://other.example' }), '401 bad_token'],
  ['for another method (htm)', () => signed({ htm: 'GET' }), '401 bad_token'],
  ['for another path (htu)', () => signed({ htu: '/api/v1/runner/rotate' }), '401 bad_token'],
  ['expired', () => signed({ iat: nowS() - 120, exp: nowS() - 61 }), '401 clock_skew'],
  ['from the future', () => signed({ iat: nowS() + 3600, exp: nowS() + 3660 }), '401 clock_skew'],
  ['valid for a year', () => signed({ exp: nowS() + 31_536_000 }), '401 bad_token'],
  ['valid backwards', () => signed({ exp: nowS() - 1 }), '401 bad_token'],
  [
    'with a body swapped under the token',
    async () => {
      const { home, platform } = scene;
      const { body } = draft();
      const call = { method: 'POST', path: RESULTS, body, now: platform.now() };
      const claims = {
        iss: home.id,
        aud: home.aud,
        shard: 0,
        stream: 'live',
        seq: 2,
        boot: home.boot,
      };
      const other = otherBytes();
      return post(await signCall(home.key, call, claims), other);
    },
    '401 bad_token',
  ],
  ["under another runner's number", () => signed({ iss: scene.office.id }), '401 bad_token'],
  ['under a number that nobody has', () => signed({ iss: '4711' }), '401 unknown_runner'],
  ['under a number that is SQL', () => signed({ iss: '1 or 1=1' }), '401 unknown_runner'],
  ['under a number beyond numbers', () => signed({ iss: '1e999' }), '401 unknown_runner'],
  [
    'of a revoked runner',
    async () => {
      await scene.platform.db.$client.execute(`update runner set status = 'revoked' where id = 1`);
      before = await scene.witness();
      return signed({});
    },
    '403 runner_revoked',
  ],
  [
    'with a sequence number used already, other bytes',
    () => signed({ seq: 1 }, otherBytes()),
    '409 sequence',
  ],
  ['with a sequence number out of turn', () => signed({ seq: 7 }), '409 sequence'],
  ['with a sequence number below zero', () => signed({ seq: -1 }), '401 bad_token'],
  ['of a shard beyond all shards', () => signed({ shard: 1e9 }), '401 bad_token'],
  ['of a stream that does not exist', () => signed({ stream: '__proto__' }), '401 bad_token'],
  [
    'a gzip bomb of 100 MB',
    () => posted(gzipSync(Buffer.alloc(100 * MB)).subarray(0, 60_000), gzip),
    '413 too_large',
  ],
  ['gzip that is none', () => posted('{}', gzip), '400 bad_request'],
  [
    'an encoding nobody takes',
    () => posted('{}', { 'content-encoding': 'br' }),
    '415 unsupported_media',
  ],
  ['10 MB of JSON', () => posted(Buffer.alloc(10 * MB, 'x')), '413 too_large'],
  [
    '10 MB that do not say so',
    () =>
      scene.ask(RESULTS, {
        method: 'POST',
        body: new Blob([Buffer.alloc(10 * MB)]).stream(),
        duplex: 'half',
      } as RequestInit),
    '413 too_large',
  ],
  [
    'JSON 30,000 deep',
    () => posted(`{"v":1,"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}`),
    '400 invalid_input',
  ],
  ['JSON that is a list', () => posted('[]'), '400 bad_request'],
  [
    'bytes that are no UTF-8',
    () => posted(Buffer.from([0x7b, 0xff, 0xfe, 0x7d])),
    '400 bad_request',
  ],
  [
    '__proto__ in the body',
    () => posted('{"__proto__":{"v":1,"check":[1]},"v":1}'),
    '400 invalid_input',
  ],
  [
    'constructor in the body',
    () => posted('{"constructor":{"prototype":{"polluted":1}},"v":1}'),
    '400 invalid_input',
  ],
  [
    'an answer to what another was asked',
    async () => {
      const { platform, office } = scene;
      await platform.db.$client.execute({
        sql: `insert into ask (id, runner_id, body, created_at, taken_at, expires_at) values ('a1', 1, '{}', ?, ?, ?)`,
        args: [platform.now(), platform.now(), platform.now() + 60_000],
      });
      before = await scene.witness();
      const body = Buffer.from(
        JSON.stringify({ measurement: { level: 100, rttUs: 1, code: 'ok', text: '' } }),
      );
      return answerOf(await office.call('POST', '/api/v1/runner/asks/a1', body));
    },
    '404 not_found',
  ],
  [
    'a receipt for a message that another runner was handed',
    async () => receiptBy(scene.office, await handedToHome({ taken: true })),
    '404 not_found',
  ],
  [
    'a receipt for a message that was never fetched',
    async () => receiptBy(scene.home, await handedToHome({ taken: false })),
    '404 not_found',
  ],
  [
    'a receipt for a message that nobody was handed',
    () => receiptBy(scene.home, 'relay-anyup-7-abc'),
    '404 not_found',
  ],
  [
    'a measurement in the place of a receipt',
    async () => {
      const id = await handedToHome({ taken: true });
      const measurement = { level: 100, rttUs: 1, code: 'ok', text: '' };
      return sayOf(scene.home, id, { measurement });
    },
    '404 not_found',
  ],
  [
    'a receipt of 10,000 characters',
    async () => {
      const id = await handedToHome({ taken: true });
      return sayOf(scene.home, id, { delivery: { ok: true, receipt: 'x'.repeat(10_000) } });
    },
    '400 invalid_input',
  ],
  [
    'a receipt that asks for silence for a year',
    async () => {
      const id = await handedToHome({ taken: true });
      const delivery = { ok: false, retry: true, afterMs: 31_536_000_000, error: 'later' };
      return sayOf(scene.home, id, { delivery });
    },
    '400 invalid_input',
  ],
  [
    'evidence without a token',
    () => scene.ask(EVIDENCE, { method: 'POST', body: '{}' }),
    '401 bad_token',
  ],
  [
    'evidence with alg none',
    () => {
      const body = packed();
      const claims = { ...draft().claims, htu: EVIDENCE, body: hashOf(body) };
      return post(`${encode({ alg: 'none' })}.${encode(claims)}.`, body, EVIDENCE);
    },
    '401 bad_token',
  ],
  [
    'evidence under a token for results',
    async () => {
      const { home, platform } = scene;
      const body = packed();
      const call = { method: 'POST', path: RESULTS, body, now: platform.now() };
      const token = await signCall(home.key, call, { iss: home.id, aud: home.aud });
      return post(token, body, EVIDENCE);
    },
    '401 bad_token',
  ],
  [
    'evidence swapped under its token',
    async () => {
      const { home, platform } = scene;
      const call = { method: 'POST', path: EVIDENCE, body: packed(), now: platform.now() };
      const token = await signCall(home.key, call, { iss: home.id, aud: home.aud });
      return post(token, packed({ text: 'another' }), EVIDENCE);
    },
    '401 bad_token',
  ],
  [
    "evidence under another runner's number",
    () => shown(packed(), {}, { iss: scene.office.id }),
    '401 bad_token',
  ],
  ['evidence of 80 KB', () => shown(packed({ text: 'x'.repeat(80_000) })), '413 too_large'],
  [
    'evidence in gzip that unpacks to 10 MB',
    () => shown(new Uint8Array(gzipSync(packed({ text: ' '.repeat(10 * MB) }))), gzip),
    '413 too_large',
  ],
  ['evidence in gzip that is none', () => shown(packed(), gzip), '400 bad_request'],
  [
    'evidence 30,000 deep',
    () => shown(Buffer.from(`{"v":1,"seen":${'['.repeat(30_000)}${']'.repeat(30_000)}}`)),
    '400 invalid_input',
  ],
  [
    'evidence with a body longer than is shown',
    () => shown(withResponse({ body: { bytes: 9, text: 'x'.repeat(2049) } })),
    '400 invalid_input',
  ],
  [
    'evidence with a thousand headers',
    () => shown(withResponse({ headers: Array.from({ length: 1000 }, () => ['a', 'b']) })),
    '400 invalid_input',
  ],
  [
    'evidence with a header that is no pair of texts',
    () => shown(withResponse({ headers: [['a', { toString: 'b' }]] })),
    '400 invalid_input',
  ],
  [
    'evidence of a turn that does not exist',
    () => shown(packed({ turn: '__proto__' })),
    '400 invalid_input',
  ],
  [
    'evidence of a check that is SQL',
    () => shown(packed({ checkId: '1 or 1=1' })),
    '400 invalid_input',
  ],
  [
    "taking over with another runner's public key",
    () => rotate(scene.office.key.x),
    '400 invalid_input',
  ],
  ['a public key that is none', () => rotate('AAAA'), '400 invalid_input'],
  ['joining with a guessed code', () => enrol({ code: 'AAAA-BBBB-CCCC-DDDD' }), '403 bad_code'],
  [
    'joining with a code that is SQL',
    () => enrol({ code: "' or uses_left > 0 or '1'='" }),
    '403 bad_code',
  ],
  ['joining without a code where one is needed', () => enrol({}), '403 bad_code'],
  [
    'joining with a key it does not hold',
    async () => {
      const code = await makeJoinCode(scene.platform, { location: 'Home' });
      before = await scene.witness();
      return enrol({ code }, scene.office.key.x);
    },
    '401 bad_token',
  ],
  [
    'joining under a name with line breaks',
    async () => {
      const code = await makeJoinCode(scene.platform, { location: 'Home' });
      before = await scene.witness();
      return enrol({ code, name: 'a\r\nSet-Cookie: x=1' });
    },
    '400 invalid_input',
  ],
];

let before = '';

function nowS(): number {
  return Math.floor(scene.platform.now() / 1000);
}

async function rotate(x: string): Promise<Answer> {
  const body = Buffer.from(JSON.stringify({ publicKey: { kty: 'OKP', crv: 'Ed25519', x } }));
  return answerOf(await scene.home.call('POST', '/api/v1/runner/rotate', body));
}

async function enrol(fields: Record<string, unknown>, x?: string): Promise<Answer> {
  const key = await makeRunnerKey();
  const body = Buffer.from(
    JSON.stringify({
      publicKey: { kty: 'OKP', crv: 'Ed25519', x: x ?? key.x },
      name: 'mallory',
      version: '0',
      capabilities: {},
      ...fields,
    }),
  );
  const path = '/api/v1/runner/enroll';
  const call = { method: 'POST', path, body, now: scene.platform.now() };
  return post(await signCall(key, call, { iss: 'new', aud: ORIGIN }), body, path);
}

/** A message that waits for Home, or that it has fetched; gives the id of the ask. */
async function handedToHome({ taken }: { taken: boolean }): Promise<string> {
  const { platform, home } = scene;
  const now = platform.now();
  const message = {
    subject: 'for Home only',
    lines: [],
    footer: '',
    mood: 'down',
    key: 'anyup-1-abc',
  };
  const body = JSON.stringify({ type: 'relay', channel: 'mail', message, deliveryIds: ['1'] });
  await platform.db.$client.batch(
    [
      {
        sql: `insert into ask (id, runner_id, body, created_at, taken_at, expires_at)
              values ('relay-anyup-1-abc', ?, ?, ?, ?, ?)`,
        args: [home.id, body, now, taken ? now : null, now + 60_000],
      },
      { sql: 'update runner set asks_until = ?', args: [now + 60_000] },
    ],
    'write',
  );
  before = await scene.witness();
  return 'relay-anyup-1-abc';
}

const receiptBy = (runner: FakeRunner, id: string) =>
  sayOf(runner, id, { delivery: { ok: true, receipt: 'message 1' } });

async function sayOf(runner: FakeRunner, id: string, said: unknown): Promise<Answer> {
  const body = new TextEncoder().encode(JSON.stringify(said));
  return answerOf(await runner.call('POST', `/api/v1/runner/asks/${id}`, body));
}

it.each(ATTACKS)('%s is refused and nothing is written', async (_, attack, back) => {
  before = await scene.witness();
  const answer = await attack();
  expect(`${answer.status} ${answer.code}`).toBe(back);
  expect(await scene.witness()).toBe(before);
  expect(answer.text).not.toMatch(/node_modules|\bat \w+ \(/);
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
});

it('a message for one runner is read by no other', async () => {
  await handedToHome({ taken: false });
  const read = async (runner: FakeRunner) => (await runner.post([])).text();
  expect(await read(scene.office)).not.toContain('for Home only');
  expect((await scene.ask('/api/v1/status')).text).not.toContain('for Home only');
  const bearer = { authorization: `Bearer ${scene.readToken}` };
  const tried = await scene.ask('/api/v1/tries/relay-anyup-1-abc', { headers: bearer });
  expect(tried.text).not.toContain('for Home only');
  expect(await read(scene.home)).toContain('for Home only');
});

it('a call that is caught and sent again, bytes and all, counts once', async () => {
  const { body } = draft();
  const { home, platform } = scene;
  const call = { method: 'POST', path: RESULTS, body, now: platform.now() };
  const token = await signCall(home.key, call, {
    iss: home.id,
    aud: home.aud,
    shard: 0,
    stream: 'live',
    seq: 2,
    boot: home.boot,
  });
  expect((await post(token, body)).status).toBe(200);
  const stored = await scene.witness();
  expect((await post(token, body)).status).toBe(200);
  expect(await scene.witness()).toBe(stored);
  platform.advance(61_000);
  expect((await post(token, body)).code).toBe('clock_skew');
});

it('results for a check that is not its own are counted, dropped, and change nothing anybody sees', async () => {
  const { office, platform, checkId } = scene;
  const seen = async () => (await scene.ask('/api/v1/status')).text;
  const was = await seen();
  const bad = { level: 500, rttUs: null, code: 'connect.refused', text: 'no' };
  const at = platform.now();
  const answer = await office.post([
    result(checkId, at, bad),
    result(checkId, at + 1, bad),
    result(999, at + 2, bad),
  ]);
  expect(await answer.json()).toMatchObject({ dropped: 3 });
  expect(await seen()).toBe(was);
});

it('join codes may be guessed ten times a minute from one address, and then not even the right one opens', async () => {
  const code = await makeJoinCode(scene.platform, { location: 'Home' });
  const from = { 'cf-connecting-ip': '2001:db8:1:2::1' };
  const attempt = async (guess: string, headers: Record<string, string>) => {
    const key = await makeRunnerKey();
    const body = Buffer.from(
      JSON.stringify({
        code: guess,
        publicKey: { kty: 'OKP', crv: 'Ed25519', x: key.x },
        name: 'm',
        version: '0',
        capabilities: {},
      }),
    );
    const path = '/api/v1/runner/enroll';
    const token = await signCall(
      key,
      { method: 'POST', path, body, now: scene.platform.now() },
      { iss: 'new', aud: ORIGIN },
    );
    return (await post(token, body, path, headers)).status;
  };
  const before = await scene.witness();
  for (let n = 0; n < 10; n++) expect(await attempt(`AAAA-BBBB-CCCC-${1000 + n}`, from)).toBe(403);
  expect(await attempt(code, from)).toBe(429);
  // Another address of the same network of 64 bits is no other caller.
  expect(await attempt(code, { 'cf-connecting-ip': '2001:db8:1:2:ffff::9' })).toBe(429);
  expect(await scene.witness()).toBe(before);
  expect(await attempt(code, { 'cf-connecting-ip': '2001:db8:1:3::1' })).toBe(201);
});

it('a crowd that asks to join fills the queue and no more: after that, knocking writes nothing', async () => {
  await scene.platform.db.$client.execute(
    `insert into setting (key, value) values ('join_policy', '"ask"')`,
  );
  for (let n = 0; n < 20; n++) expect((await enrol({})).status).toBe(201);
  const full = await scene.witness();
  expect(`${(await enrol({})).code}`).toBe('too_many');
  expect(await scene.witness()).toBe(full);
});

it('evidence of a check that is not its own writes nothing', async () => {
  const { office, platform, checkId } = scene;
  const before = await scene.witness();
  expect(await office.evidence(checkId, platform.now())).toEqual({ status: 200, stored: false });
  expect(await scene.witness()).toBe(before);
});

it('evidence that is caught and sent again is kept once', async () => {
  const { home, platform, checkId } = scene;
  await home.evidence(checkId, platform.now());
  const before = await scene.witness();
  await home.evidence(checkId, platform.now());
  expect(await scene.witness()).toBe(before);
});
