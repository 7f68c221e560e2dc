import { describe, expect, test } from 'vitest';
import { API_KEY, RESEND } from '#test/support/fakes/resend.ts';
import { BOT_TOKEN, TELEGRAM } from '#test/support/fakes/telegram.ts';
import { withMessaging } from '#test/support/messaging.ts';
import {
  addChannel,
  addEmail,
  addTelegram,
  checkNotice,
  deliveries,
  owe,
} from '#test/support/notices.ts';
import { TEST_START } from '#test/support/platform.ts';
import { dispatch } from '#worker/dispatch.ts';

const context = withMessaging();

async function toldBy(channelId: number) {
  await owe(context.platform, [checkNotice(1)], [channelId]);
  await dispatch(context.platform);
  const [delivery] = await deliveries(context.platform);
  return delivery;
}

describe('what Telegram refuses for good is told in words', () => {
  test.each([
    [400, 'Bad Request: chat not found', undefined, /has the bot been added/],
    [401, 'Unauthorized', undefined, /copy it anew from @BotFather/],
    [404, 'Not Found', undefined, /copy it anew from @BotFather/],
    [403, 'Forbidden: bot was blocked by the user', undefined, /unblock the bot/],
    [
      403,
      'Forbidden: bot was kicked from the group chat',
      undefined,
      /add the bot to the chat again/,
    ],
    [400, 'Bad Request: message thread not found', undefined, /leave it empty/],
    [
      400,
      'Bad Request: group chat was upgraded to a supergroup chat',
      { migrate_to_chat_id: -100555 },
      /number is now -100555/,
    ],
  ])('%i %s', async (status, description, parameters, hint) => {
    context.telegram.next(TELEGRAM.refusal(status, description, parameters));
    const delivery = await toldBy(await addTelegram(context.platform));
    expect(delivery).toMatchObject({ status: 'failed', attempts: 1 });
    expect(delivery?.lastError).toContain(`${status} ${description}`);
    expect(delivery?.lastError).toMatch(hint);
  });
});

test('a refusal that repeats the token does not reach the record or the log with it', async () => {
  context.telegram.next(TELEGRAM.refusal(400, `Bad Request: /bot${BOT_TOKEN}/ is odd`));
  const viaTelegram = await toldBy(await addTelegram(context.platform));
  expect(viaTelegram?.lastError).toContain('/bot•••/ is odd');
  const body = {
    statusCode: 403,
    name: 'invalid_api_key',
    message: `API key ${API_KEY} is invalid`,
  };
  context.resend.next({ status: 403, body });
  await toldBy(await addEmail(context.platform));
  const all = JSON.stringify([await deliveries(context.platform), context.platform.logs]);
  expect(all).toContain('API key ••• is invalid');
  expect(all).not.toContain(BOT_TOKEN);
  expect(all).not.toContain(API_KEY);
});

test('mail over the day’s quota waits for midnight, UTC, and the rest of that channel with it', async () => {
  context.resend.next(RESEND.dailyQuota);
  const channel = await addEmail(context.platform);
  const delivery = await toldBy(channel);
  const midnight = TEST_START - (TEST_START % 86_400_000) + 86_400_000;
  expect(delivery).toMatchObject({ status: 'owed', dueAt: midnight });
  await owe(context.platform, [checkNotice(2)], [channel]);
  expect(await dispatch(context.platform)).toEqual({ nextDueAt: midnight, sent: 0 });
  context.platform.advance(midnight - TEST_START);
  expect(await dispatch(context.platform)).toEqual({ nextDueAt: null, sent: 2 });
});

test('mail over the month’s quota fails at once and says why', async () => {
  context.resend.next(RESEND.monthlyQuota);
  const delivery = await toldBy(await addEmail(context.platform));
  expect(delivery).toMatchObject({ status: 'failed' });
  expect(delivery?.lastError).toContain('monthly quota');
});

test('settings that are not right fail the delivery and name the field', async () => {
  const delivery = await toldBy(
    await addChannel(context.platform, 'telegram', { token: BOT_TOKEN, chatId: 'nowhere' }),
  );
  expect(delivery).toMatchObject({ status: 'failed' });
  expect(delivery?.lastError).toMatch(/the settings are not right: chatId: must be/);
});

test('settings sealed under a secret that is gone wait for it to come back', async () => {
  const channel = await addTelegram(context.platform);
  const { config } = context.platform;
  const present = config.secret;
  config.secret = new Uint8Array(32).fill(9);
  const waiting = await toldBy(channel);
  expect(waiting).toMatchObject({ status: 'owed', attempts: 1 });
  expect(waiting?.lastError).toContain('ANYUP_SECRET_PREVIOUS');
  config.previousSecret = present;
  context.platform.advance(10_000);
  expect((await dispatch(context.platform)).sent).toBe(1);
});
