import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type FakeResend, startResend } from '#test/support/fakes/resend.ts';
import { type FakeTelegram, startTelegram } from '#test/support/fakes/telegram.ts';
import { addEmail, addTelegram, checkNotice, deliveries, owe } from '#test/support/notices.ts';
import { openTestDb, type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { startSqld } from '#test/support/sqld.ts';
import { dispatch } from '#worker/dispatch.ts';

const ROUNDS = 50;
const ENGINES = { 'an embedded file': file, sqld: startSqld } as const;

async function file() {
  const folder = mkdtempSync(join(tmpdir(), 'anyup-race-'));
  const stop = async () => rmSync(folder, { recursive: true, force: true });
  return { url: `file:${join(folder, 'anyup.db')}`, stop };
}

test.each(Object.keys(ENGINES) as Array<keyof typeof ENGINES>)(
  'two dispatchers at once on %s, fifty times: every message once and in order',
  async (engine) => {
    const database = await ENGINES[engine]();
    const telegram = await startTelegram();
    const resend = await startResend();
    const fakes = { telegramApiUrl: telegram.url, resendBaseUrl: resend.url };
    const one = await testPlatform({ db: await openTestDb(database.url), ...fakes });
    const two = await testPlatform({ db: await openTestDb(database.url), ...fakes });
    const channels = [await addTelegram(one), await addEmail(one)];
    let owed = 0;
    for (let round = 1; round <= ROUNDS; round++) owed += await race(one, two, channels, round);
    await expectEachOnce(one, owed, [telegram, resend]);
    for (const platform of [one, two]) {
      platform.db.$client.close();
      platform.close();
    }
    await Promise.all([telegram.close(), resend.close(), database.stop()]);
  },
);

/** An outage, its recovery and a few more; in every other round some come while a dispatcher is at it already. */
async function race(one: TestPlatform, two: TestPlatform, channels: number[], round: number) {
  const at = one.now();
  const others = Array.from({ length: round % 5 }, (_, i) => checkNotice(100 + i, { at }));
  const notices = [checkNotice(1, { at }), checkNotice(1, { to: 'up', at }), ...others];
  const early = round % 2 === 0 ? 1 : notices.length;
  await owe(one, notices.slice(0, early), channels);
  const first = dispatch(one);
  if (early < notices.length) await owe(two, notices.slice(early), channels);
  await Promise.all([first, dispatch(two), dispatch(one), dispatch(two)]);
  for (const platform of [one, two]) platform.advance(61_000);
  await Promise.all([dispatch(one), dispatch(two)]);
  return notices.length;
}

async function expectEachOnce(
  platform: TestPlatform,
  owed: number,
  [telegram, resend]: [FakeTelegram, FakeResend],
) {
  const ends = (await deliveries(platform)).map(({ status, attempts }) => `${status} ${attempts}`);
  expect(ends).toEqual(Array.from({ length: owed * 2 }, () => 'sent 1'));
  for (const messages of [telegram.messages, resend.mails]) {
    const told = messages.flatMap(({ text }) => deliveryIds(text));
    expect(told).toHaveLength(owed);
    expect(new Set(told).size).toBe(owed);
    expect(told).toEqual([...told].sort((a, b) => a - b));
  }
  expect(new Set(resend.keys).size).toBe(resend.keys.length);
  expect([...telegram.refused, ...resend.refused]).toEqual([]);
}

function deliveryIds(text: string): number[] {
  const footer = /Anyup, deliver(?:y|ies) ([\d, ]+)$/.exec(text.trim())?.[1] ?? '';
  return footer.split(', ').map(Number);
}
