// Every change leaves a row that says who, what was, and what is.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ACCESS_KEY } from '#test/support/api.ts';
import { type Scene, setScene } from './scene.ts';

let scene: Scene;

beforeAll(async () => {
  scene = await setScene();
});
afterAll(() => scene.close());

const SETTINGS = { token: `123456789:${'S'.repeat(35)}`, chatId: '1' };

/** Call, action as written down, whether there was something before and is something after. In this order. */
const CHANGES: Array<
  [call: string, body: object | null, action: string, before: boolean, after: boolean]
> = [
  ['POST /hosts', { target: 'https://me:pa55word@example.org/' }, 'host.create', false, true],
  ['PATCH /hosts/2', { name: 'renamed' }, 'host.update', true, true],
  ['DELETE /hosts/2', null, 'host.remove', true, false],
  [
    'POST /channels',
    { kind: 'telegram', name: 'ops', settings: SETTINGS },
    'channel.create',
    false,
    true,
  ],
  ['PATCH /channels/1', { name: 'ops 2', settings: SETTINGS }, 'channel.update', true, true],
  ['DELETE /channels/1', null, 'channel.remove', true, false],
  ['PATCH /locations/1', { enabled: false }, 'location.update', true, true],
  ['PATCH /runners/2', { name: 'renamed' }, 'runner.update', true, true],
  ['DELETE /runners/2', null, 'runner.revoke', true, true],
  ['POST /tokens', { name: 'x', scope: 'read' }, 'token.create', false, true],
  ['DELETE /tokens/3', null, 'token.revoke', true, false],
  ['POST /join-codes', { location: 'Home' }, 'joinCode.create', false, true],
  ['PATCH /settings', { title: 'ours' }, 'settings.update', true, true],
];

it.each(CHANGES)('%s %j is written down as %s', async (call, body, action, before, after) => {
  const [method, path] = call.split(' ');
  const rows = async () =>
    (await scene.platform.db.$client.execute('select * from audit order by id')).rows;
  const held = (await rows()).length;
  const answer = await scene.ask(`/api/v1${path}`, {
    method: method as string,
    headers: { authorization: `Bearer ${ACCESS_KEY}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  expect(answer.status, answer.text).toBeLessThan(300);
  const written = (await rows()).slice(held);
  expect(written).toHaveLength(1);
  expect(written[0]).toMatchObject({ actor: 'owner', action });
  expect([written[0]?.before !== null, written[0]?.after !== null]).toEqual([before, after]);
  expect(JSON.stringify(written)).not.toMatch(/pa55word|SSSS/);
});

it('a runner that joined and people who came and went are in it too', async () => {
  await scene.ask('/sign-out', {
    method: 'POST',
    headers: { cookie: scene.cookie, origin: 'https://status.example' },
  });
  const { rows } = await scene.platform.db.$client.execute(
    'select actor, action, subject from audit order by id',
  );
  const told = rows.map(({ actor, action, subject }) => `${actor} ${action} ${subject}`);
  expect(told).toContain('runner 1 runner.join runner 1 (runner at Home)');
  expect(told).toContain('owner session.start signed in by key');
  expect(told).toContain('owner session.end signed out');
});
