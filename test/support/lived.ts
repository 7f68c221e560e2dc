// An installation with a past: hosts, channels and rules made through the front door, hours of results, folded.
import { tick } from '#worker/tick/tick.ts';
import type { Api } from './api.ts';
import { type FakeRunner, result } from './fakeRunner.ts';

const MINUTE = 60_000;

export const BOT_TOKEN = '123456789:AAtv81kd0Qx3HsTz7mWcLpJrYeUoBnGfVia';

export interface Lived {
  runner: FakeRunner;
  checks: number[];
}

/** Two hosts with three checks, seen from Home; a channel with its rule. */
export async function furnish(api: Api): Promise<Lived> {
  const runner = await api.runnerAt('Home', 'pi');
  const shop = await api.post('/hosts', {
    name: 'Shop',
    group: 'Web',
    checks: [
      { target: 'https://shop.example/', interval: '1m', locations: ['Home'], failures: 1 },
      {
        target: 'shop.example:25',
        name: 'Mail',
        policy: { type: 'required', locations: ['Home'] },
      },
    ],
  });
  const db = await api.post('/hosts', { target: 'db.example', group: 'Office' });
  const channel = await api.post('/channels', {
    name: 'Ops',
    kind: 'telegram',
    settings: { token: BOT_TOKEN, chatId: '42' },
  });
  await api.patch(`/channels/${channel.body.id}`, { enabled: false });
  await api.post('/rules', {
    channelId: channel.body.id,
    match: { hosts: [shop.body.host.id] },
    from: 'degraded',
  });
  await api.patch('/settings', { title: 'Example & Co', flush: '20s' });
  const checks = [shop, db].flatMap(({ body }) =>
    body.host.checks.map(({ id }: { id: number }) => id),
  );
  return { runner, checks };
}

/** Posts and ticks minute by minute; the first check is down in every tenth. */
export async function live(api: Api, { runner, checks }: Lived, minutes: number): Promise<void> {
  const { platform } = api;
  for (let minute = 0; minute < minutes; minute++) {
    platform.advance(MINUTE);
    const at = platform.now();
    const results = checks.map((id, index) =>
      index === 0 && minute % 10 === 9
        ? result(id, at, { level: 500, code: 'timeout', text: 'no answer', rttUs: null })
        : result(id, at, { rttUs: 20_000 + ((minute * 37) % 100) * 100 }),
    );
    await runner.post(results);
    await tick(platform);
    await platform.settle();
  }
}
