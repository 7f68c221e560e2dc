import { afterEach, beforeEach, expect } from 'vitest';
import { type FakeResend, startResend } from './fakes/resend.ts';
import { type FakeTelegram, startTelegram } from './fakes/telegram.ts';
import { type TestPlatform, testPlatform } from './platform.ts';

export interface Messaging {
  platform: TestPlatform;
  telegram: FakeTelegram;
  resend: FakeResend;
}

/** For each test of a file a platform whose Telegram and Resend are fakes; a call they had to refuse fails the test. */
export function withMessaging(): Messaging {
  const context = {} as Messaging;
  beforeEach(async () => {
    context.telegram = await startTelegram();
    context.resend = await startResend();
    context.platform = await testPlatform({
      telegramApiUrl: context.telegram.url,
      resendBaseUrl: context.resend.url,
    });
  });
  afterEach(async () => {
    const refused = [...context.telegram.refused, ...context.resend.refused];
    await Promise.all([context.telegram.close(), context.resend.close()]);
    context.platform.close();
    expect(refused).toEqual([]);
  });
  return context;
}
