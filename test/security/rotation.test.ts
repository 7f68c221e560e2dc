// ANYUP_SECRET is replaced while people are signed in and channels hold passwords.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ACCESS_KEY } from '#test/support/api.ts';
import {
  BOT_TOKEN,
  CHAT_ID,
  type FakeTelegram,
  startTelegram,
} from '#test/support/fakes/telegram.ts';
import { type Scene, setScene } from './scene.ts';

let scene: Scene;
let telegram: FakeTelegram;

beforeEach(async () => {
  telegram = await startTelegram();
  scene = await setScene({ telegramApiUrl: telegram.url });
});
afterEach(async () => {
  scene.close();
  await telegram.close();
});

function call(method: string, path: string, body?: object) {
  return scene.ask(`/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${ACCESS_KEY}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
}

const isSignedIn = async () =>
  (await scene.ask('/api/v1/tokens', { headers: { cookie: scene.cookie } })).status === 200;

const settings = { token: BOT_TOKEN, chatId: CHAT_ID };
const addChannel = (name: string) =>
  call('POST', '/channels', { kind: 'telegram', name, settings });
const testOf = async (id: number) => JSON.parse((await call('POST', `/channels/${id}/test`)).text);

function replaceSecret(): void {
  const { config } = scene.platform;
  config.previousSecret = config.secret;
  config.secret = new Uint8Array(32).fill(9);
}

it('with the old secret as ANYUP_SECRET_PREVIOUS nobody is signed out; without it everybody is', async () => {
  replaceSecret();
  expect(await isSignedIn()).toBe(true);
  scene.platform.config.previousSecret = null;
  expect(await isSignedIn()).toBe(false);
});

it('a channel that has sent something since then needs the old secret no more; another says what to set', async () => {
  expect((await addChannel('used')).status).toBe(201);
  expect((await addChannel('unused')).status).toBe(201);
  replaceSecret();
  expect(await testOf(1)).toMatchObject({ ok: true });
  scene.platform.config.previousSecret = null;
  expect(await testOf(1)).toMatchObject({ ok: true });
  expect((await testOf(2)).error).toContain('ANYUP_SECRET_PREVIOUS');
});

it('a channel whose secret nobody can read any more takes a new one', async () => {
  await addChannel('ops');
  replaceSecret();
  scene.platform.config.previousSecret = null;
  expect((await call('PATCH', '/channels/1', { settings: { chatId: CHAT_ID } })).status).toBe(503);
  expect((await call('PATCH', '/channels/1', { settings })).status).toBe(200);
  expect(await testOf(1)).toMatchObject({ ok: true });
});
