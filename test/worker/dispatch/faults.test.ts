import { describe, expect, test, vi } from 'vitest';
import { RESEND } from '#test/support/fakes/resend.ts';
import { TELEGRAM } from '#test/support/fakes/telegram.ts';
import { withMessaging } from '#test/support/messaging.ts';
import { addEmail, addTelegram, checkNotice, deliveries, owe } from '#test/support/notices.ts';
import { TEST_START, type TestPlatform } from '#test/support/platform.ts';
import { dispatch } from '#worker/dispatch.ts';

const context = withMessaging();
const DAY_MS = 86_400_000;

/** The same platform, but its process dies with the next record of something sent. */
function dyingAfterSending(platform: TestPlatform): TestPlatform {
  const client = new Proxy(platform.db.$client, {
    get(target, name) {
      const member = Reflect.get(target, name, target);
      if (name !== 'batch') return typeof member === 'function' ? member.bind(target) : member;
      return (statements: Array<{ sql: string }>, mode: 'write') => {
        const dies = statements.some(({ sql }) => sql.includes("set status = 'sent'"));
        return dies ? Promise.reject(new Error('killed')) : target.batch(statements, mode);
      };
    },
  });
  const db = new Proxy(platform.db, {
    get: (target, name) => (name === '$client' ? client : Reflect.get(target, name, target)),
  });
  return { ...platform, db };
}

/** Comes back each time it is told to, as the tick does, for at most a day. */
async function runUntilSettled(platform: TestPlatform): Promise<number> {
  const until = platform.now() + 2 * DAY_MS;
  let sent = 0;
  for (;;) {
    const run = await dispatch(platform);
    sent += run.sent;
    if (run.nextDueAt === null || platform.now() > until) return sent;
    platform.advance(Math.max(0, run.nextDueAt - platform.now()));
  }
}

describe('a sender that dies after sending and before writing it down', () => {
  test('the message goes out again when its lease ends, under the same delivery id', async () => {
    const { platform, telegram } = context;
    await owe(platform, [checkNotice(1)], [await addTelegram(platform)]);
    expect(await dispatch(dyingAfterSending(platform))).toEqual({
      nextDueAt: TEST_START + 60_000,
      sent: 0,
    });
    platform.advance(59_999);
    expect((await dispatch(platform)).sent).toBe(0);
    platform.advance(1);
    expect(await dispatch(platform)).toEqual({ nextDueAt: null, sent: 1 });
    const [first, again] = telegram.messages;
    expect(telegram.messages).toHaveLength(2);
    expect(again?.text).toBe(first?.text);
    expect(first?.text).toMatch(/delivery 1$/);
  });

  test('mail is not doubled at all: the second call carries the same idempotency key', async () => {
    const { platform, resend } = context;
    await owe(platform, [checkNotice(1)], [await addEmail(platform)]);
    await dispatch(dyingAfterSending(platform));
    platform.advance(60_000);
    expect((await dispatch(platform)).sent).toBe(1);
    expect(resend.keys).toHaveLength(2);
    expect(new Set(resend.keys).size).toBe(1);
    expect(resend.mails).toHaveLength(1);
  });

  test('a digest goes out again as the same digest, whatever came meanwhile', async () => {
    const { platform, resend } = context;
    const channel = await addEmail(platform);
    await owe(
      platform,
      [1, 2, 3, 4].map((id) => checkNotice(id)),
      [channel],
    );
    await dispatch(dyingAfterSending(platform));
    platform.advance(60_000);
    await owe(platform, [checkNotice(5)], [channel]);
    expect(await runUntilSettled(platform)).toBe(5);
    expect(resend.keys[1]).toBe(resend.keys[0]);
    expect(resend.mails.map(({ subject }) => subject)).toEqual([
      expect.stringContaining('4 messages'),
      expect.stringContaining('shop-5'),
    ]);
  });

  test('the other channels are told all the same', async () => {
    const { platform, resend } = context;
    await owe(platform, [checkNotice(1)], [999, await addEmail(platform)]);
    expect((await dispatch(platform)).sent).toBe(1);
    expect(resend.mails).toHaveLength(1);
  });
});

describe('429', () => {
  test('is honoured to the second, for the whole channel', async () => {
    const { platform, telegram } = context;
    const channel = await addTelegram(platform);
    telegram.next(TELEGRAM.tooMany(17));
    await owe(platform, [checkNotice(1), checkNotice(2)], [channel]);
    expect(await dispatch(platform)).toEqual({ nextDueAt: TEST_START + 17_000, sent: 0 });
    platform.advance(16_999);
    await owe(platform, [checkNotice(3)], [channel]);
    expect(await dispatch(platform)).toEqual({ nextDueAt: TEST_START + 17_000, sent: 0 });
    expect(telegram.messages).toHaveLength(0);
    platform.advance(1);
    expect(await runUntilSettled(platform)).toBe(3);
    expect(telegram.messages).toHaveLength(3);
  });

  test('is honoured for mail by its header, and for no longer than an hour', async () => {
    const { platform, resend } = context;
    resend.next(RESEND.tooMany(2), RESEND.tooMany(100_000));
    await owe(platform, [checkNotice(1)], [await addEmail(platform)]);
    expect((await dispatch(platform)).nextDueAt).toBe(TEST_START + 2_000);
    platform.advance(2_000);
    expect((await dispatch(platform)).nextDueAt).toBe(TEST_START + 2_000 + 3_600_000);
    expect(await runUntilSettled(platform)).toBe(1);
    expect(resend.mails).toHaveLength(1);
  });
});

describe('a channel in trouble', () => {
  test('that asked for many short waits before is not left for minutes when it fails', async () => {
    const { platform, telegram } = context;
    telegram.next(...Array.from({ length: 10 }, () => TELEGRAM.tooMany(1)), TELEGRAM.broken);
    await owe(platform, [checkNotice(1)], [await addTelegram(platform)]);
    for (let attempt = 1; attempt <= 10; attempt++) {
      await dispatch(platform);
      platform.advance(1_000);
    }
    const waitMs = ((await dispatch(platform)).nextDueAt ?? 0) - platform.now();
    expect(waitMs).toBeGreaterThanOrEqual(2_500);
    expect(waitMs).toBeLessThanOrEqual(25_000);
    expect(await runUntilSettled(platform)).toBe(1);
    expect(await deliveries(platform)).toMatchObject([{ attempts: 12, lastError: null }]);
  });

  test.each([
    ['answers 500', TELEGRAM.broken],
    ['answers through a broken proxy', TELEGRAM.badGateway],
    ['answers nonsense', TELEGRAM.notTelegram],
    ['hangs', 'hang'],
  ] as const)(
    'that %s is tried again with growing patience, and nothing is lost or doubled',
    async (_, script) => {
      const { platform, telegram } = context;
      telegram.next(script, script, script);
      await owe(platform, [checkNotice(1)], [await addTelegram(platform)]);
      const waits: number[] = [];
      for (let attempt = 1; attempt <= 3; attempt++) {
        const { nextDueAt, sent } = await dispatch(platform, { sendTimeoutMs: 150 });
        expect(sent).toBe(0);
        waits.push((nextDueAt ?? 0) - platform.now());
        platform.advance(waits.at(-1) ?? 0);
      }
      for (const [index, fullMs] of [5_000, 10_000, 20_000].entries()) {
        expect(waits[index]).toBeGreaterThanOrEqual(fullMs / 2);
        expect(waits[index]).toBeLessThanOrEqual(fullMs);
      }
      expect((await dispatch(platform)).sent).toBe(1);
      expect(telegram.messages).toHaveLength(1);
      expect(await deliveries(platform)).toMatchObject([{ attempts: 4, lastError: null }]);
    },
  );

  test('that hangs says so in the record and delays no other channel', async () => {
    const { platform, telegram, resend } = context;
    telegram.next('hang');
    await owe(platform, [checkNotice(1)], [await addTelegram(platform), await addEmail(platform)]);
    expect((await dispatch(platform, { sendTimeoutMs: 150 })).sent).toBe(1);
    expect(resend.mails).toHaveLength(1);
    expect((await deliveries(platform))[0]).toMatchObject({ lastError: 'no answer in time' });
  });

  test('that drops the connection after taking the message gets it again, recognisable', async () => {
    const { platform, telegram, resend } = context;
    telegram.next('drop');
    resend.next('drop');
    await owe(platform, [checkNotice(1)], [await addTelegram(platform), await addEmail(platform)]);
    expect(await runUntilSettled(platform)).toBe(2);
    expect(telegram.messages).toHaveLength(2);
    expect(telegram.messages[0]).toEqual(telegram.messages[1]);
    expect(resend.mails).toHaveLength(1);
    expect(resend.keys).toHaveLength(2);
  });

  test('that cannot be reached for a day is given up on, with the reason and without the token', async () => {
    const { platform } = context;
    platform.config.telegramApiUrl = 'http://127.0.0.1:9';
    await owe(platform, [checkNotice(1)], [await addTelegram(platform)]);
    expect(await runUntilSettled(platform)).toBe(0);
    const [delivery] = await deliveries(platform);
    expect(delivery).toMatchObject({ status: 'failed' });
    expect(delivery?.lastError).toMatch(/^given up after a day: Telegram could not be reached/);
    expect(delivery?.attempts).toBeGreaterThan(100);
    expect(platform.now() - TEST_START).toBeLessThanOrEqual(DAY_MS);
  });

  test('a failed digest is tried again as the same digest', async () => {
    const { platform, resend } = context;
    resend.next('drop');
    const channel = await addEmail(platform);
    await owe(
      platform,
      [1, 2, 3, 4].map((id) => checkNotice(id)),
      [channel],
    );
    await dispatch(platform);
    await owe(
      platform,
      [5, 6, 7, 8].map((id) => checkNotice(id)),
      [channel],
    );
    expect(await runUntilSettled(platform)).toBe(8);
    expect(resend.mails).toHaveLength(2);
    expect(new Set(resend.keys).size).toBe(2);
  });
});

describe('a recovery', () => {
  const outage = checkNotice(1);
  const recovery = checkNotice(1, { to: 'up', at: TEST_START + 1 });

  test('follows its outage', async () => {
    const { platform, telegram } = context;
    await owe(platform, [outage, recovery], [await addTelegram(platform)]);
    expect((await dispatch(platform)).sent).toBe(2);
    expect(telegram.messages[0]?.text).toContain('is down');
    expect(telegram.messages[1]?.text).toContain('is up again');
  });

  test('waits while its outage is to be tried again; other hosts do not', async () => {
    const { platform, telegram } = context;
    telegram.next(TELEGRAM.broken);
    const channel = await addTelegram(platform);
    await owe(platform, [outage, recovery, checkNotice(2)], [channel]);
    expect((await dispatch(platform)).sent).toBe(1);
    expect(telegram.messages.map(({ text }) => text)).toEqual([expect.stringContaining('shop-2')]);
    await owe(platform, [checkNotice(1, { at: TEST_START + 2 })], [channel]);
    expect((await dispatch(platform)).sent).toBe(0);
    expect(await runUntilSettled(platform)).toBe(3);
    expect(telegram.messages.slice(1).map(({ text }) => text)).toEqual([
      expect.stringContaining('shop-1 is down'),
      expect.stringContaining('shop-1 is up again'),
      expect.stringContaining('shop-1 is down'),
    ]);
  });

  test('waits while its outage is on its way, whoever sends it', async () => {
    const { platform, telegram } = context;
    telegram.next('hang');
    const channel = await addTelegram(platform);
    await owe(platform, [outage], [channel]);
    const onItsWay = dispatch(platform, { sendTimeoutMs: 400 });
    await vi.waitFor(() => expect(telegram.calls).toHaveLength(1));
    await owe(platform, [recovery], [channel]);
    expect(await dispatch(platform)).toEqual({ nextDueAt: TEST_START + 60_000, sent: 0 });
    expect((await onItsWay).sent).toBe(0);
    expect(await runUntilSettled(platform)).toBe(2);
    expect(telegram.messages[0]?.text).toContain('is down');
    expect(telegram.messages[1]?.text).toContain('is up again');
  });

  test('is told even when its outage could not be', async () => {
    const { platform, telegram } = context;
    telegram.next(TELEGRAM.refusal(400, 'Bad Request: something odd'));
    await owe(platform, [outage, recovery], [await addTelegram(platform)]);
    expect((await dispatch(platform)).sent).toBe(1);
    expect(telegram.messages[0]?.text).toContain('is up again');
  });
});
