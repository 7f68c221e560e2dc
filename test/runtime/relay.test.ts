// A relay as people use it: a server, a runner process with a mail server of its own, and a test message from the page.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Child, startNode } from '#test/support/children.ts';
import { FakeRunner } from '#test/support/fakeRunner.ts';
import { type FakeSmtp, MAIL_PASSWORD, MAIL_USER, startSmtp } from '#test/support/fakes/smtp.ts';
import { RUNTIMES, type RunningServer } from '#test/support/servers.ts';
import { until } from '#test/support/until.ts';

let server: RunningServer;
let smtp: FakeSmtp;
let folder: string;
let runner: Child;

async function call<T>(
  method: string,
  path: string,
  body?: unknown,
  to: RunningServer = server,
): Promise<T> {
  const answer = await fetch(`${to.baseUrl}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${to.accessKey}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return JSON.parse((await answer.text()) || 'null') as T;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'anyup-relay-'));
  [server, smtp] = await Promise.all([RUNTIMES.node({ ANYUP_LOG: 'debug' }), startSmtp()]);
  const mail = {
    kind: 'smtp',
    host: '127.0.0.1',
    port: smtp.port,
    security: 'none',
    user: MAIL_USER,
    password: MAIL_PASSWORD,
    from: 'status@example.org',
    to: ['ops@example.org'],
  };
  const file = { channels: { mail, kept: mail }, relay: ['mail'] };
  writeFileSync(join(folder, 'runner.json'), JSON.stringify(file), { mode: 0o600 });
  const { code } = await call<{ code: string }>('POST', '/join-codes', { location: 'Home' });
  runner = startNode('bin/runner.ts', { ANYUP_LOG: 'debug' }, [
    ...['--data', folder, '--name', 'attic'],
    ...['--url', server.baseUrl, '--join', code],
  ]);
  await runner.says(/the instant channel is open/);
}, 90_000);

afterAll(async () => {
  await runner?.stop();
  await Promise.all([server?.stop(), smtp?.close()]);
  rmSync(folder, { recursive: true, force: true });
});

interface Tested {
  ok: boolean;
  receipt?: string;
  error?: string;
  deliveryId: number;
}

async function relayBy(channel: string): Promise<{ id: number }> {
  const made = await call<{ id?: number; channel?: { id: number } }>('POST', '/channels', {
    name: `mail by attic: ${channel}`,
    kind: 'relay',
    settings: { runner: 'attic', channel },
  });
  return { id: made.id ?? made.channel?.id ?? 0 };
}

it('a test message goes out by the runner’s own mail server, and its receipt comes back', async () => {
  const { id } = await relayBy('mail');
  const tested = await call<Tested>('POST', `/channels/${id}/test`);
  expect(tested).toMatchObject({ ok: true, receipt: 'by attic: 250 queued as 1' });
  expect(smtp.mails).toHaveLength(1);
  expect(smtp.mails[0]).toMatchObject({ from: 'status@example.org', to: ['ops@example.org'] });
  expect(smtp.mails[0]?.raw).toContain('Subject: Test message for mail by attic: mail');
  expect(smtp.mails[0]?.raw).toContain(`Anyup, delivery ${tested.deliveryId}`);
  const told = await call<unknown>('GET', '/deliveries');
  expect(JSON.stringify(told)).toContain('by attic: 250 queued as 1');
});

it('news of Anyup itself reaches people the same way', async () => {
  const before = smtp.mails.length;
  await oweNews(server);
  await until(
    async () => smtp.mails.length,
    (count) => count === before + 1,
    60_000,
  );
  await until(
    async () => JSON.stringify(await call('GET', '/deliveries')),
    (told) => told.includes(`by attic: 250 queued as ${before + 1}`),
    60_000,
  );
});

it('a channel that the runner’s owner keeps for itself is refused in words', async () => {
  const { id } = await relayBy('kept');
  const before = smtp.mails.length;
  const tested = await call<Tested>('POST', `/channels/${id}/test`);
  expect(tested).toMatchObject({
    ok: false,
    error: 'runner attic: its own file lists no channel "kept" under "relay"',
  });
  expect(smtp.mails).toHaveLength(before);
  expect(runner.said() + JSON.stringify(tested)).not.toContain(MAIL_PASSWORD);
});

/** Owes the first channel a message about Anyup itself. */
async function oweNews({ platform, baseUrl }: RunningServer): Promise<void> {
  const at = Date.now();
  const notice = {
    type: 'fleet',
    key: `fleet:deaf:${at}`,
    at,
    url: `${baseUrl}/admin/runners`,
    event: 'deaf',
    runners: [],
    sinceAt: at - 120_000,
    untilAt: at,
  };
  await platform.db.$client.execute({
    sql: `insert into delivery (channel_id, notice_key, notice, due_at, created_at)
          select min(id), ?, ?, ?, ? from channel`,
    args: [notice.key, JSON.stringify(notice), at, at],
  });
}

it('at the edge, without an instant channel, it comes with the answer to the next post', async () => {
  const edge = await RUNTIMES.workerd({});
  try {
    const { code } = await call<{ code: string }>(
      'POST',
      '/join-codes',
      { location: 'Home' },
      edge,
    );
    const ask = (path: string, init?: RequestInit) => fetch(`${edge.baseUrl}${path}`, init);
    const attic = await FakeRunner.enrol(ask, { code, name: 'attic' });
    await attic.post([]);
    const settings = { runner: 'attic', channel: 'mail' };
    await call('POST', '/channels', { name: 'by attic', kind: 'relay', settings }, edge);
    await oweNews(edge);
    await edge.tick();
    const asked = await until(
      async () => ((await (await attic.post([])).json()) as { asks: Array<{ id: string }> }).asks,
      ({ length }) => length > 0,
      60_000,
    );
    expect(asked).toMatchObject([{ type: 'relay', channel: 'mail', message: { mood: 'info' } }]);
    const receipt = { delivery: { ok: true, receipt: '250 queued' } };
    const body = new TextEncoder().encode(JSON.stringify(receipt));
    const { status } = await attic.call('POST', `/api/v1/runner/asks/${asked[0]?.id}`, body);
    expect(status).toBe(204);
    await until(
      async () => JSON.stringify(await call('GET', '/deliveries', undefined, edge)),
      (told) => told.includes('by attic: 250 queued'),
      60_000,
    );
  } finally {
    await edge.stop();
  }
}, 180_000);
