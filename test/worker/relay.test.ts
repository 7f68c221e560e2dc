// Messages that a runner sends by a channel of its own: handed over, looked after, and recorded as any other's.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Ask } from '#core/wire/ask.ts';
import type { RelayAnswer } from '#core/wire/relay.ts';
import { FakeRunner, makeJoinCode } from '#test/support/fakeRunner.ts';
import { checkNotice, deliveries, owe } from '#test/support/notices.ts';
import { signedIn } from '#test/support/pages.ts';
import { type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { app } from '#worker/app.ts';
import { dispatch } from '#worker/dispatch.ts';
import { sendTest } from '#worker/notify/sendTest.ts';
import { sweep } from '#worker/tick/sweep.ts';

type Errand = Extract<Ask, { type: 'relay' }>;

let platform: TestPlatform;
let attic: FakeRunner;
let cellar: FakeRunner;
let rung: Array<readonly number[] | 'all'>;

const ask = (path: string, init?: RequestInit) =>
  Promise.resolve(app.request(path, init, platform));

beforeEach(async () => {
  platform = await testPlatform();
  rung = [];
  platform.ring = (ids) => {
    rung.push(ids);
  };
  const join = async (name: string) => {
    const code = await makeJoinCode(platform, { location: name });
    return FakeRunner.enrol(ask, { code, name, now: platform.now });
  };
  attic = await join('attic');
  cellar = await join('cellar');
  await platform.db.$client.execute(
    `insert into channel (id, name, kind, config, secrets, enabled, created_at)
     values (1, 'ops by attic', 'relay', '{"runner":"attic","channel":"mail"}', '', 1, 0)`,
  );
});

afterEach(async () => {
  await platform.settle();
  platform.close();
});

/** What a runner finds in the answer to its next post. */
async function errands(runner = attic): Promise<Errand[]> {
  const { asks } = (await (await runner.post([])).json()) as { asks: Ask[] };
  return asks.filter((each) => each.type === 'relay');
}

async function answer(id: string, delivery: RelayAnswer['delivery'], runner = attic) {
  const body = new TextEncoder().encode(JSON.stringify({ delivery }));
  const { status } = await runner.call('POST', `/api/v1/runner/asks/${id}`, body, {
    headers: { 'content-type': 'application/json' },
  });
  await platform.settle();
  return status;
}

const SENT = { ok: true, receipt: '250 queued as 17' } as const;

async function the(index = 0) {
  return (await deliveries(platform))[index];
}

describe('a message for a relay', () => {
  it('is handed to the runner with its next answer, rung for, and settled by its receipt', async () => {
    await owe(platform, [checkNotice(1)], [1]);
    await dispatch(platform);
    expect(rung).toEqual([[Number(attic.id)]]);
    expect(await the()).toMatchObject({ status: 'owed', attempts: 0 });
    const [errand] = await errands();
    expect(errand?.channel).toBe('mail');
    expect(errand?.message).toMatchObject({
      subject: expect.stringContaining('down'),
      footer: 'Anyup, delivery 1',
      mood: 'down',
    });
    expect(errand?.message.lines.at(-1)).toMatch(/^http/);
    expect(await answer(errand?.id ?? '', SENT)).toBe(204);
    expect(await the()).toMatchObject({ status: 'sent', receipt: 'by attic: 250 queued as 17' });
    expect(await errands()).toEqual([]);
    expect(await answer(errand?.id ?? '', SENT)).toBe(404);
  });

  it('waits for a runner that does not come, and is given up after a day like any other', async () => {
    await owe(platform, [checkNotice(1)], [1]);
    for (let minute = 0; minute < 60; minute++) {
      await dispatch(platform);
      platform.advance(60_000);
    }
    expect(await the()).toMatchObject({
      status: 'owed',
      attempts: 0,
      lastError: 'waits for runner attic to fetch it',
    });
    expect(await errands()).toHaveLength(1);
    for (let hour = 0; hour < 24; hour++) {
      platform.advance(3_600_000);
      await dispatch(platform);
    }
    expect(await the()).toMatchObject({ status: 'failed' });
    platform.advance(700_000);
    expect(await errands()).toEqual([]);
  });

  it('is handed over again when the answer that held it was lost, under the same key', async () => {
    await owe(platform, [checkNotice(1)], [1]);
    await dispatch(platform);
    const [lost] = await errands();
    platform.advance(29_000);
    await dispatch(platform);
    expect(await errands()).toEqual([]);
    platform.advance(2_000);
    await dispatch(platform);
    expect((await the())?.lastError).toContain('has fetched it and not said yet');
    platform.advance(60_000);
    await dispatch(platform);
    const [again] = await errands();
    expect(again).toEqual(lost);
    await answer(again?.id ?? '', SENT);
    expect(await the()).toMatchObject({ status: 'sent' });
  });

  it('that the channel could not take is tried again with a back-off, anew and under the same key', async () => {
    await owe(platform, [checkNotice(1)], [1]);
    await dispatch(platform);
    const [first] = await errands();
    await answer(first?.id ?? '', { ok: false, retry: true, error: 'mail server away' });
    expect(await the()).toMatchObject({
      status: 'owed',
      attempts: 1,
      lastError: 'runner attic: mail server away',
    });
    platform.advance(60_000);
    await dispatch(platform);
    const [second] = await errands();
    expect(second?.message).toEqual(first?.message);
    await answer(second?.id ?? '', SENT);
    expect(await the()).toMatchObject({ status: 'sent', attempts: 2 });
  });

  it('that the channel will never take has failed', async () => {
    await owe(platform, [checkNotice(1)], [1]);
    await dispatch(platform);
    const [errand] = await errands();
    await answer(errand?.id ?? '', { ok: false, retry: false, error: '550 no such mailbox' });
    expect(await the()).toMatchObject({
      status: 'failed',
      lastError: 'runner attic: 550 no such mailbox',
    });
  });

  it('a recovery never overtakes its outage, and what is many goes out as one', async () => {
    await owe(platform, [checkNotice(1)], [1]);
    await dispatch(platform);
    await owe(platform, [checkNotice(1, { to: 'up' })], [1]);
    await dispatch(platform);
    const [outage, ...others] = await errands();
    expect(others).toEqual([]);
    await answer(outage?.id ?? '', SENT);
    platform.advance(10_000);
    await dispatch(platform);
    const [recovery] = await errands();
    expect(recovery?.message.mood).toBe('up');
    await answer(recovery?.id ?? '', SENT);
    platform.advance(3_600_000);
    await owe(
      platform,
      [2, 3, 4, 5, 6].map((id) => checkNotice(id)),
      [1],
    );
    await dispatch(platform);
    const [digest, ...none] = await errands();
    expect([digest?.message.subject, none]).toEqual(['5 messages: 5 down', []]);
    await answer(digest?.id ?? '', SENT);
    expect((await deliveries(platform)).every(({ status }) => status === 'sent')).toBe(true);
  });

  it('is for a runner that is not there told as such, and goes to the one that comes in its place', async () => {
    await owe(platform, [checkNotice(1)], [1]);
    await platform.db.$client.execute(`update runner set name = 'loft' where name = 'attic'`);
    await dispatch(platform);
    expect((await the())?.lastError).toBe('no active runner is called "attic"');
    await platform.db.$client.execute(
      `update channel set config = '{"runner":"cellar","channel":"m"}'`,
    );
    platform.advance(60_000);
    await dispatch(platform);
    const [errand] = await errands(cellar);
    expect(errand?.channel).toBe('m');
    await answer(errand?.id ?? '', SENT, cellar);
    expect(await the()).toMatchObject({ status: 'sent', receipt: 'by cellar: 250 queued as 17' });
  });

  it('whose dispatcher died after the receipt came is recorded once by the next, also a day later', async () => {
    await owe(platform, [checkNotice(1)], [1]);
    await dispatch(platform);
    const [errand] = await errands();
    await platform.db.$client.execute(
      `update delivery set lease_until = ${platform.now() + 60_000}, lease_token = 'of the dead'`,
    );
    await answer(errand?.id ?? '', SENT);
    expect(await the()).toMatchObject({ status: 'owed' });
    platform.advance(26 * 3_600_000);
    await sweep(platform, { lastTickAt: 0, keptHours: null }, platform.now());
    platform.advance(-4 * 3_600_000);
    await dispatch(platform);
    expect(await the()).toMatchObject({ status: 'sent' });
    expect(await errands()).toEqual([]);
  });
});

describe('a test of a relay', () => {
  it('waits for the runner and shows its receipt', async () => {
    const sending = sendTest(platform, 1);
    let errand: Errand | undefined;
    while (!errand) [errand] = await errands();
    expect(errand.message.subject).toBe('Test message for ops by attic');
    await answer(errand.id, SENT);
    expect(await sending).toEqual({
      ok: true,
      receipt: 'by attic: 250 queued as 17',
      deliveryId: 1,
    });
  });

  it('tells why it did not work, and is not tried again', async () => {
    const sending = sendTest(platform, 1);
    let errand: Errand | undefined;
    while (!errand) [errand] = await errands();
    const error = 'its own file lists no channel "mail" under "relay"';
    await answer(errand.id, { ok: false, retry: true, error });
    expect(await sending).toMatchObject({ ok: false, error: `runner attic: ${error}` });
    expect(await the()).toMatchObject({ status: 'failed' });
  });
});

it('the owner sets one up on the page of channels, in words that name what is missing', async () => {
  const owner = await signedIn(platform);
  expect((await owner.get('/admin/channels')).text).toContain('By a runner');
  const wrong = await owner.post('/admin/channels/new', {
    kind: 'relay',
    name: 'Night',
    runner: ' ',
  });
  expect(wrong.text).toContain('Runner is missing');
  const page = await owner.postAndFollow('/admin/channels/new', {
    kind: 'relay',
    name: 'Night',
    runner: 'attic',
    channel: 'pager',
  });
  expect(page.text).toContain('By a runner');
  const { rows } = await platform.db.$client.execute(
    `select config, secrets from channel where id = 2`,
  );
  expect(rows[0]).toMatchObject({ config: '{"runner":"attic","channel":"pager"}', secrets: '' });
});
