import { expect, test } from 'vitest';
import { withMessaging } from '#test/support/messaging.ts';
import { addEmail, addTelegram, checkNotice, deliveries, owe } from '#test/support/notices.ts';
import { TEST_START } from '#test/support/platform.ts';
import { dispatch } from '#worker/dispatch.ts';

const context = withMessaging();

function outages(...checkIds: number[]) {
  return checkIds.map((checkId) => checkNotice(checkId, { at: context.platform.now() }));
}

test('three at once are three messages, in their order', async () => {
  await owe(context.platform, outages(1, 2, 3), [await addTelegram(context.platform)]);
  expect(await dispatch(context.platform)).toEqual({ nextDueAt: null, sent: 3 });
  expect(context.telegram.messages.map(({ text }) => text.slice(3, 9))).toEqual([
    'shop-1',
    'shop-2',
    'shop-3',
  ]);
});

test('four at once are one digest that names every delivery', async () => {
  const channels = [await addTelegram(context.platform), await addEmail(context.platform)];
  await owe(context.platform, outages(1, 2, 3, 4), channels);
  expect(await dispatch(context.platform)).toEqual({ nextDueAt: null, sent: 8 });
  expect(context.telegram.messages).toHaveLength(1);
  expect(context.resend.mails).toHaveLength(1);
  for (const text of [context.telegram.messages[0]?.text, context.resend.mails[0]?.text]) {
    for (const host of ['shop-1', 'shop-2', 'shop-3', 'shop-4']) expect(text).toContain(host);
  }
  const rows = await deliveries(context.platform);
  const toTelegram = rows.filter(({ channelId }) => channelId === channels[0]);
  expect(context.telegram.messages[0]?.text).toMatch(
    new RegExp(`deliveries ${toTelegram.map(({ id }) => id).join(', ')}$`),
  );
  expect(new Set(toTelegram.map(({ receipt }) => receipt))).toEqual(new Set(['message 1']));
});

test('the first message of a quiet channel goes at once; the next waits for company, ten seconds at most', async () => {
  const { platform, telegram } = context;
  const channel = await addTelegram(platform);
  await owe(platform, outages(1), [channel]);
  await dispatch(platform);
  expect(telegram.messages).toHaveLength(1);

  platform.advance(3_000);
  await owe(platform, outages(2), [channel]);
  expect(await dispatch(platform)).toEqual({ nextDueAt: TEST_START + 10_000, sent: 0 });
  platform.advance(2_000);
  await owe(platform, outages(3), [channel]);
  expect(await dispatch(platform)).toEqual({ nextDueAt: TEST_START + 10_000, sent: 0 });
  expect(telegram.messages).toHaveLength(1);

  platform.advance(5_000);
  expect(await dispatch(platform)).toEqual({ nextDueAt: null, sent: 2 });
  expect(telegram.messages).toHaveLength(3);
});

test('as soon as four wait they go together', async () => {
  const { platform, telegram } = context;
  const channel = await addTelegram(platform);
  await owe(platform, outages(1), [channel]);
  await dispatch(platform);
  for (const checkId of [2, 3, 4]) {
    platform.advance(1_000);
    await owe(platform, outages(checkId), [channel]);
    expect((await dispatch(platform)).sent).toBe(0);
  }
  platform.advance(1_000);
  await owe(platform, outages(5), [channel]);
  expect(await dispatch(platform)).toEqual({ nextDueAt: null, sent: 4 });
  expect(telegram.messages).toHaveLength(2);
});

test('one channel that waits for company holds up no other', async () => {
  const { platform, telegram, resend } = context;
  const busy = await addTelegram(platform);
  const quiet = await addEmail(platform);
  await owe(platform, outages(1), [busy]);
  await dispatch(platform);
  platform.advance(1_000);
  await owe(platform, outages(2), [busy, quiet]);
  expect(await dispatch(platform)).toEqual({ nextDueAt: TEST_START + 10_000, sent: 1 });
  expect(telegram.messages).toHaveLength(1);
  expect(resend.mails).toHaveLength(1);
});

test('a run makes no more calls than it may and says that more is due', async () => {
  const { platform, telegram } = context;
  const channels: number[] = [];
  for (let i = 0; i < 5; i++) channels.push(await addTelegram(platform));
  await owe(platform, outages(1), channels);
  expect(await dispatch(platform, { calls: 3 })).toEqual({ nextDueAt: TEST_START, sent: 3 });
  expect(telegram.messages).toHaveLength(3);
  expect(await dispatch(platform, { calls: 3 })).toEqual({ nextDueAt: null, sent: 2 });
});

test('more than one round takes still goes out in one run', async () => {
  const { platform, telegram } = context;
  const many = Array.from({ length: 25 }, (_, i) => i + 1);
  await owe(platform, outages(...many), [await addTelegram(platform)]);
  expect(await dispatch(platform, { rows: 10 })).toEqual({ nextDueAt: null, sent: 25 });
  expect(telegram.messages).toHaveLength(3);
});

test('what is owed to a disabled or deleted channel fails and says so', async () => {
  const { platform } = context;
  const channel = await addTelegram(platform);
  await platform.db.$client.execute('update channel set enabled = 0');
  await owe(platform, outages(1), [channel, 999]);
  expect(await dispatch(platform)).toEqual({ nextDueAt: null, sent: 0 });
  expect(await deliveries(platform)).toMatchObject([
    { status: 'failed', lastError: 'the channel is disabled', attempts: 0 },
    { status: 'failed', lastError: 'the channel was deleted', attempts: 0 },
  ]);
});
