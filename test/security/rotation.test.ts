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

it('with the old secret as ANYUP_SECRET_PREVIOUS nobody is signed out and every channel sends; without it both end, saying what to set', async () => {
  const settings = { token: BOT_TOKEN, chatId: CHAT_ID };
  const made = await call('POST', '/channels', { kind: 'telegram', name: 'ops', settings });
  expect(made.status).toBe(201);
  const { config } = scene.platform;
  const old = config.secret;
  config.secret = new Uint8Array(32).fill(9);
  config.previousSecret = old;
  expect(await isSignedIn()).toBe(true);
  expect(JSON.parse((await call('POST', '/channels/1/test')).text)).toMatchObject({ ok: true });

  config.previousSecret = null;
  expect(await isSignedIn()).toBe(false);
  expect((await call('POST', '/channels/1/test')).text).toContain('ANYUP_SECRET_PREVIOUS');

  // What the new secret sealed needs no other any more.
  expect((await call('PATCH', '/channels/1', { settings })).status).toBe(200);
  expect(JSON.parse((await call('POST', '/channels/1/test')).text)).toMatchObject({ ok: true });
});
