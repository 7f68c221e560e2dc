import { describe, expect, test } from 'vitest';
import type { Notice } from '#core/notice.ts';
import { withMessaging } from '#test/support/messaging.ts';
import {
  addEmail,
  addTelegram,
  checkNotice,
  deliveries,
  disputedNotice,
  fleetNotice,
  owe,
} from '#test/support/notices.ts';
import { dispatch } from '#worker/dispatch.ts';

const context = withMessaging();

const NOTICES: Array<[what: string, notice: Notice, said: RegExp]> = [
  ['an outage', checkNotice(1), /shop-1 is down/],
  ['a slow host', checkNotice(1, { to: 'degraded', level: 250 }), /shop-1 is degraded/],
  ['a recovery', checkNotice(1, { to: 'up' }), /shop-1 is up again after 2/],
  ['a disputed host', disputedNotice(1), /only from Office/],
  ['a silent runner', fleetNotice('silent'), /r1 \(Office\) is silent/],
  ['silence of all runners', fleetNotice('all_silent'), /No runner reaches Anyup/],
  ['runners that are back', fleetNotice('back'), /r1 \(Office\) is back/],
  ['a deaf worker', fleetNotice('deaf'), /did not run for/],
  ['a quarantined runner', fleetNotice('quarantined'), /quarantined/],
  ['a runner trusted again', fleetNotice('trusted'), /trusted again/],
];

describe.each(NOTICES)('%s', (_, notice, said) => {
  test('reaches Telegram with its delivery id and link', async () => {
    await owe(context.platform, [notice], [await addTelegram(context.platform)]);
    expect(await dispatch(context.platform)).toEqual({ nextDueAt: null, sent: 1 });
    const [delivery] = await deliveries(context.platform);
    expect(delivery).toMatchObject({ status: 'sent', receipt: 'message 1', attempts: 1 });
    const [message] = context.telegram.messages;
    expect(message?.text.split('\n')[0]).toMatch(said);
    expect(message?.text).toContain(notice.url);
    expect(message?.text).toMatch(new RegExp(`delivery ${delivery?.id}$`));
  });

  test('reaches the mailbox as text and as HTML', async () => {
    await owe(context.platform, [notice], [await addEmail(context.platform)]);
    await dispatch(context.platform);
    const [delivery] = await deliveries(context.platform);
    expect(delivery).toMatchObject({ status: 'sent', receipt: 'mail-1' });
    const [mail] = context.resend.mails;
    expect(mail?.subject).toMatch(said);
    expect(mail?.to).toEqual(['ops@example.org']);
    for (const body of [mail?.text, mail?.html]) {
      expect(body).toContain(notice.url);
      expect(body).toContain(`delivery ${delivery?.id}`);
    }
  });
});

test('names with markup in them arrive as they are and mark nothing up', async () => {
  const hostName = '<b>Tom & "Jerry"</b> <script>';
  const notice = checkNotice(1);
  const named = { ...notice, subject: { ...notice.subject, hostName } };
  const channels = [await addTelegram(context.platform), await addEmail(context.platform)];
  await owe(context.platform, [named], channels);
  await dispatch(context.platform);
  expect(context.telegram.messages[0]?.text).toContain(hostName);
  expect(context.resend.mails[0]?.subject).toContain(hostName);
  expect(context.resend.mails[0]?.html).toContain('&lt;script&gt;');
  expect(context.resend.mails[0]?.html).not.toContain('<script');
});

test('a topic of a group gets the message when one is set', async () => {
  const channel = await addTelegram(context.platform, { threadId: 4 });
  await owe(context.platform, [checkNotice(1)], [channel]);
  await dispatch(context.platform);
  expect(context.telegram.messages[0]?.threadId).toBe(4);
});

test('a digest too long for Telegram is cut and says so', async () => {
  const many = Array.from({ length: 120 }, (_, i) => checkNotice(i + 1));
  await owe(context.platform, many, [await addTelegram(context.platform)]);
  expect(await dispatch(context.platform)).toEqual({ nextDueAt: null, sent: 120 });
  expect(context.telegram.messages).toHaveLength(1);
  expect(context.telegram.messages[0]?.text).toMatch(/… and \d+ more lines\n\n.*deliveries 1, 2, /);
});
