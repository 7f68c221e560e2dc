import { expect, test } from 'vitest';
import { TELEGRAM } from '#test/support/fakes/telegram.ts';
import { withMessaging } from '#test/support/messaging.ts';
import { addEmail, addTelegram, checkNotice, deliveries, owe } from '#test/support/notices.ts';
import { dispatch } from '#worker/dispatch.ts';
import { sendTest } from '#worker/notify/sendTest.ts';

const context = withMessaging();

test('a test message arrives at once and its receipt is shown and recorded', async () => {
  const telegram = await sendTest(context.platform, await addTelegram(context.platform));
  expect(telegram).toEqual({ ok: true, receipt: 'message 1', deliveryId: 1 });
  const mail = await sendTest(context.platform, await addEmail(context.platform));
  expect(mail).toEqual({ ok: true, receipt: 'mail-1', deliveryId: 2 });
  expect(context.telegram.messages[0]?.text).toMatch(/Test message for the telegram channel/);
  expect(await deliveries(context.platform)).toMatchObject([
    { status: 'sent', receipt: 'message 1' },
    { status: 'sent', receipt: 'mail-1' },
  ]);
});

test('a test that fails says why and is not tried again', async () => {
  context.telegram.next(TELEGRAM.broken);
  const result = await sendTest(context.platform, await addTelegram(context.platform));
  expect(result).toMatchObject({ ok: false, error: expect.stringContaining('500') });
  expect(await deliveries(context.platform)).toMatchObject([{ status: 'failed', attempts: 1 }]);
  expect(await dispatch(context.platform)).toEqual({ nextDueAt: null, sent: 0 });
});

test('a test of a wrong token tells the owner what to do', async () => {
  context.telegram.next(TELEGRAM.refusal(401, 'Unauthorized'));
  const result = await sendTest(context.platform, await addTelegram(context.platform));
  expect(result.error).toMatch(/copy it anew from @BotFather/);
});

test('a test just before an outage does not delay the outage', async () => {
  const channel = await addTelegram(context.platform);
  await sendTest(context.platform, channel);
  context.platform.advance(1_000);
  await owe(context.platform, [checkNotice(1)], [channel]);
  expect((await dispatch(context.platform)).sent).toBe(1);
});

test('a channel that does not exist cannot be tested', async () => {
  await expect(sendTest(context.platform, 99)).rejects.toMatchObject({ code: 'not_found' });
});
