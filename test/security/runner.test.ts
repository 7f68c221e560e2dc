// Attacks through a runner: what somebody who may edit checks, or a worker that was taken over, can make it do.
// Configs come straight to the probes, past every form and schema of the worker.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AssignedCheck } from '#core/wire/assignments.ts';
import { guarded } from '#runner/guard/guarded.ts';
import { DEFAULT_NETWORKS } from '#runner/guard/networks.ts';
import { Secrets } from '#runner/guard/secrets.ts';
import type { Probed } from '#runner/probe.ts';
import { runProbe } from '#runner/probes/index.ts';
import { type Scripts, scriptFolder } from '#test/support/probes/scripts.ts';
import { type Listening, rawServer, says } from '#test/support/probes/servers.ts';

const VALUE = 'correct-horse-battery-staple';
const secrets = new Secrets(
  new Map([
    ['api', { value: VALUE, hosts: ['127.0.0.1', '*.allowed.test'], kinds: ['http' as const] }],
  ]),
);
const evidence = { privateBodies: false, route: false };
const probe = guarded(runProbe, { from: null, networks: DEFAULT_NETWORKS, secrets, evidence });

let scripts: Scripts;
let outside: string;
let server: Listening;

beforeAll(async () => {
  scripts = scriptFolder();
  outside = mkdtempSync(join(tmpdir(), 'anyup-outside-'));
  const planted = join(outside, 'planted');
  writeFileSync(planted, `#!/bin/sh\ntouch ${outside}/ran\n`, { mode: 0o755 });
  symlinkSync(planted, join(scripts.folder, 'linked'));
  symlinkSync(outside, join(scripts.folder, 'folder'));
  symlinkSync('/bin/sh', join(scripts.folder, 'shell'));
  scripts.add('echoes', 'printf "%s\\n" "$@"');
  scripts.add('tells', 'env');
  scripts.add('open', `touch ${outside}/ran`, 0o777);
  chmodSync(join(scripts.folder, 'open'), 0o777);
  mkdirSync(join(scripts.folder, 'dir'));
  server = await rawServer(says('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
});
afterAll(async () => {
  scripts.remove();
  rmSync(outside, { recursive: true, force: true });
  await server.close();
});

type Config = AssignedCheck['config'];

const run = (config: Config): Promise<Probed> =>
  probe(config, { timeoutMs: 3000, probesFolder: scripts.folder });
const script = (target: string, args: string[] = []) => run({ kind: 'script', target, args });
const http = (target: string, fields: object = {}) => run({ kind: 'http', target, ...fields });
const sent = { headers: { 'X-Key': 'secret:api' } };

const ATTACKS: Array<[name: string, attack: () => Promise<Probed>, code: string]> = [
  ['a script by a path upwards', () => script('script:../../../bin/sh'), 'unable.kind'],
  ['a script by an absolute path', () => script('/bin/sh'), 'unable.kind'],
  ['a script behind a link out of the folder', () => script('script:linked'), 'unable.script'],
  ['a shell behind a link', () => script('script:shell', ['-c', 'id']), 'unable.script'],
  ['a folder as a script', () => script('script:dir'), 'unable.script'],
  ['a script in a linked folder', () => script('script:folder/planted'), 'unable.kind'],
  ['a script that anybody may change', () => script('script:open'), 'unable.script'],
  ['a script that is not there', () => script('script:nothing'), 'unable.script'],
  [
    'a kind that is a property of every object',
    () => run({ kind: 'constructor', target: 'x' }),
    'unable.kind',
  ],
  ['a kind that does not exist', () => run({ kind: 'shell', target: 'id' }), 'unable.kind'],
  [
    'metadata by its address',
    () => http('http://169.254.169.254/latest/meta-data/iam/'),
    'unable.forbidden',
  ],
  ['metadata by one number', () => http('http://2852039166/'), 'unable.forbidden'],
  ['metadata in hex', () => http('http://0xa9fea9fe/'), 'unable.forbidden'],
  ['metadata in octal', () => http('http://0251.0376.0251.0376/'), 'unable.forbidden'],
  ['metadata as mapped IPv6', () => http('http://[::ffff:169.254.169.254]/'), 'unable.forbidden'],
  ['metadata of IPv6', () => http('http://[fd00:ec2::254]/'), 'unable.forbidden'],
  ['metadata through NAT64', () => http('http://[64:ff9b::a9fe:a9fe]/'), 'unable.forbidden'],
  [
    'metadata in hex by TCP',
    () => run({ kind: 'tcp', target: '0xa9fea9fe:80' }),
    'unable.forbidden',
  ],
  ['metadata by ping', () => run({ kind: 'icmp', target: '169.254.169.254' }), 'unable.forbidden'],
  ['a secret for a host beside the list', () => http('http://evil.test/', sent), 'unable.secret'],
  [
    'a secret for a host that ends as one of the list',
    () => http('http://evilallowed.test/', sent),
    'unable.secret',
  ],
  [
    'a secret for a host that begins as one of the list',
    () => http('http://127.0.0.1.evil.test/', sent),
    'unable.secret',
  ],
  [
    'a secret for the listed host as a user name',
    () => http('http://127.0.0.1@evil.test/', sent),
    'unable.secret',
  ],
  [
    'a secret for another address of this machine',
    () => http('http://127.0.0.2/', sent),
    'unable.secret',
  ],
  ['a secret as the name of a host', () => http('http://secret:api.evil.test/'), 'unable.kind'],
  ['a secret for another kind', () => script('script:echoes', ['secret:api']), 'unable.secret'],
  [
    'a secret under a name of every object',
    () => http(`http://127.0.0.1:${server.port}/`, { headers: { A: 'secret:constructor' } }),
    'unable.secret',
  ],
];

it.each(ATTACKS)('%s is not done', async (_, attack, code) => {
  const asked = server.received.length;
  const probed = await attack();
  expect(probed).toMatchObject({ level: null, code });
  expect(JSON.stringify(probed)).not.toContain(VALUE.slice(0, 8));
  expect(server.received).toHaveLength(asked);
  expect(existsSync(join(outside, 'ran'))).toBe(false);
});

it.each([
  '; touch OUT',
  '$(touch OUT)',
  '`touch OUT`',
  '| touch OUT',
  '\n touch OUT',
  '-rf',
  '--help',
  '*',
  '~',
  '"',
  "'",
])('the argument %j reaches a script as it is, and no shell', async (argument) => {
  const given = argument.replace('OUT', join(outside, 'ran'));
  const probed = await script('script:echoes', [given]);
  expect(probed.detail ?? probed.text).toContain(given.trim().split('\n').at(-1)?.trim());
  expect(existsSync(join(outside, 'ran'))).toBe(false);
});

it('a script is told nothing of the environment of its runner', async () => {
  process.env.ANYUP_JOIN = 'join-code-of-the-runner';
  process.env.AWS_SECRET_ACCESS_KEY = 'cloud-key-of-the-runner';
  const probed = await script('script:tells');
  delete process.env.ANYUP_JOIN;
  delete process.env.AWS_SECRET_ACCESS_KEY;
  expect(probed.level).toBe(100);
  expect(JSON.stringify(probed)).not.toContain('of-the-runner');
});

it('headers that a worker did not check cannot break the request apart', async () => {
  const asked = server.received.length;
  for (const headers of [{ A: 'x\r\nB: y' }, { 'A\r\nB': 'y' }, { A: 'x\ny' }]) {
    expect(await http(`http://127.0.0.1:${server.port}/`, { headers })).toMatchObject({
      level: null,
    });
  }
  expect(server.received).toHaveLength(asked);
});
