// Notices and channels as they come about in a running Anyup, for tests of what is done with them.
import { drizzle } from 'drizzle-orm/libsql';
import type { CheckNotice, DisputedNotice, FleetNotice, Notice } from '#core/notice.ts';
import { delivery } from '#db/schema.ts';
import { write } from '#db/write.ts';
import { seal } from '#worker/crypto/seal.ts';
import { type ChannelKindName, splitSecrets } from '#worker/notify/index.ts';
import { enqueue } from '#worker/outbox.ts';
import { API_KEY } from './fakes/resend.ts';
import { BOT_TOKEN, CHAT_ID } from './fakes/telegram.ts';
import { TEST_START, type TestPlatform } from './platform.ts';

export function checkNotice(checkId: number, overrides: Partial<CheckNotice> = {}): CheckNotice {
  const { to = 'down', at = TEST_START } = overrides;
  return {
    type: 'check',
    key: `check:${checkId}:${to}:${at}`,
    at,
    url: `http://anyup.test/hosts/${checkId}`,
    subject: {
      hostId: checkId,
      hostName: `shop-${checkId}`,
      group: '',
      checkId,
      checkName: '',
      kind: 'tcp',
      target: '127.0.0.1:9999',
    },
    from: to === 'up' ? 'down' : 'up',
    to,
    worst: to === 'up' ? 'down' : to,
    level: to === 'up' ? 100 : 500,
    sinceAt: at,
    incidentOpenedAt: to === 'up' ? at - 120_000 : at,
    reason: {
      code: to === 'up' ? 'ok' : 'connect.refused',
      text: to === 'up' ? '' : 'ECONNREFUSED',
    },
    voices: [{ location: 'Office', status: to, missing: null, rttUs: 1_500, text: '' }],
    ...overrides,
  };
}

export function disputedNotice(checkId: number): DisputedNotice {
  const { subject, at, url } = checkNotice(checkId);
  const voices = ['Office', 'Oslo', 'Rome'].map((location) => ({
    location,
    status: location === 'Office' ? ('up' as const) : ('down' as const),
    missing: null,
    rttUs: null,
    text: location === 'Office' ? '' : 'ECONNREFUSED',
  }));
  return {
    type: 'disputed',
    key: `disputed:${checkId}`,
    at,
    url,
    subject,
    location: 'Office',
    voices,
  };
}

export function fleetNotice(event: FleetNotice['event'], at = TEST_START): FleetNotice {
  return {
    type: 'fleet',
    key: `fleet:${event}:${at}`,
    at,
    url: 'http://anyup.test/admin/runners',
    event,
    runners: [{ name: 'r1', location: 'Office' }],
    sinceAt: at - 120_000,
    untilAt: event === 'deaf' ? at : null,
  };
}

/** Stores a channel, its secrets sealed, and gives its id. */
export async function addChannel(
  platform: TestPlatform,
  kind: ChannelKindName,
  settings: Record<string, unknown>,
  enabled = true,
): Promise<number> {
  const { config, secrets } = splitSecrets(kind, settings);
  const [added] = await write(platform.db, [
    {
      sql: `insert into channel (name, kind, config, secrets, enabled, created_at)
            values (?, ?, ?, ?, ?, ?) returning id`,
      args: [
        `the ${kind} channel`,
        kind,
        JSON.stringify(config),
        await seal(platform, secrets),
        enabled,
        platform.now(),
      ],
    },
  ]);
  return Number(added?.rows[0]?.id);
}

export function addTelegram(platform: TestPlatform, settings: Record<string, unknown> = {}) {
  return addChannel(platform, 'telegram', { token: BOT_TOKEN, chatId: CHAT_ID, ...settings });
}

export function addEmail(platform: TestPlatform, settings: Record<string, unknown> = {}) {
  const from = 'Anyup <status@example.org>';
  return addChannel(platform, 'email', {
    apiKey: API_KEY,
    from,
    to: ['ops@example.org'],
    ...settings,
  });
}

/** Owes each notice to each channel, as of now. */
export async function owe(platform: TestPlatform, notices: Notice[], channelIds: number[]) {
  const owed = notices.map((notice) => ({ notice, channelIds }));
  await write(platform.db, enqueue(owed, platform.now()));
}

/** All deliveries, oldest first. */
export function deliveries(platform: TestPlatform) {
  return drizzle(platform.db.$client).select().from(delivery).orderBy(delivery.id);
}
