// Messages the worker hands to a runner: sent by channels of its own file, each once, and told what became of them.
import { expect, it } from 'vitest';
import type { Ask } from '#core/wire/ask.ts';
import { OwnChannels } from '#runner/channels/own.ts';
import type { HttpCall } from '#runner/platform.ts';
import { type Scene, stop, virtualScene } from '#test/support/virtualScene.ts';

interface Stage extends Scene {
  /** Bodies that arrived, with the host they arrived at. */
  arrived: Array<{ host: string; subject: string; text: string; key: string }>;
  /** How the next attempts end; then all are taken. */
  answers: Array<number | 'slow'>;
}

async function stage(names: string[] = ['mail']): Promise<Stage> {
  const hook = (host: string) =>
    ({ kind: 'webhook', url: `http://${host}.test/hook-with-a-secret`, headers: {} }) as const;
  const channels = new OwnChannels(
    new Map([
      ['mail', hook('mail')],
      ['private', hook('private')],
    ]),
  );
  const scene = await virtualScene([], { relay: { names, channels, telegramApiUrl: null } });
  const arrived: Stage['arrived'] = [];
  const answers: Stage['answers'] = [];
  scene.world.elsewhere = async ({ url, body }: HttpCall) => {
    const answer = answers.shift() ?? 200;
    const { subject, text, key } = JSON.parse(Buffer.from(body ?? []).toString());
    if (answer === 'slow') await scene.world.sleep(40_000);
    if (answer === 'slow' || answer < 300)
      arrived.push({ host: new URL(url).hostname, subject, text, key });
    return { status: answer === 'slow' ? 200 : answer, headers: {}, body: new Uint8Array() };
  };
  return { ...scene, arrived, answers };
}

function errand(id: string, overrides: Record<string, unknown> = {}, channel = 'mail'): Ask {
  const message = {
    subject: 'shop is down',
    lines: ['connection refused', 'https://status.example.org/hosts/1'],
    footer: 'Anyup, delivery 7',
    mood: 'down',
    key: `key-${id}`,
    ...overrides,
  };
  return { id, type: 'relay', channel, message } as Ask;
}

it('a message is sent by the channel named, and its receipt told', async () => {
  const { world, worker, begin, arrived } = await stage();
  await begin();
  worker.asks = [errand('a')];
  await world.advance(20_000);
  expect(arrived).toEqual([
    {
      host: 'mail.test',
      subject: 'shop is down',
      text: 'connection refused\nhttps://status.example.org/hosts/1\n\nAnyup, delivery 7',
      key: 'key-a',
    },
  ]);
  expect(worker.receipts).toEqual([{ id: 'a', delivery: { ok: true, receipt: 'answered 200' } }]);
});

it('the same message is sent once, however often it is asked for, also over a restart', async () => {
  const { world, worker, begin, arrived } = await stage();
  const first = await begin();
  worker.asks = [errand('a'), errand('a')];
  await world.advance(20_000);
  worker.asks = [errand('a')];
  await world.advance(20_000);
  await stop(world, first);
  await begin();
  worker.asks = [errand('a')];
  await world.advance(20_000);
  expect(arrived).toHaveLength(1);
  expect(worker.receipts.map(({ delivery }) => delivery)).toEqual(
    Array.from({ length: 3 }, () => ({ ok: true, receipt: 'answered 200' })),
  );
});

it('what is asked for again while it is on its way goes out once', async () => {
  const { world, worker, begin, answers, arrived } = await stage();
  await begin();
  answers.push('slow');
  worker.asks = [errand('a')];
  await world.advance(16_000);
  worker.asks = [errand('a')];
  await world.advance(16_000);
  expect([arrived, answers]).toEqual([[], []]);
  await world.advance(40_000);
  expect(arrived).toHaveLength(1);
  expect(worker.receipts).toHaveLength(1);
});

it('a receipt that nobody takes is told again, and after that whenever it is asked for', async () => {
  const { world, worker, begin, arrived } = await stage();
  await begin();
  worker.fault = ({ path }) => (path.includes('/asks/') ? 'no connection' : null);
  worker.asks = [errand('a')];
  await world.advance(90_000);
  expect(arrived).toHaveLength(1);
  expect(worker.receipts).toEqual([]);
  worker.fault = () => null;
  worker.asks = [errand('a')];
  await world.advance(20_000);
  expect(arrived).toHaveLength(1);
  expect(worker.receipts).toHaveLength(1);
});

it('a channel that takes nothing is told as it is, and the next ask tries again', async () => {
  const { world, worker, begin, arrived, answers } = await stage();
  await begin();
  answers.push(503, 403);
  worker.asks = [errand('a')];
  await world.advance(20_000);
  worker.asks = [errand('a')];
  await world.advance(20_000);
  worker.asks = [errand('a')];
  await world.advance(20_000);
  expect(worker.receipts.map(({ delivery }) => delivery)).toEqual([
    { ok: false, retry: true, error: 'mail.test answered 503' },
    { ok: false, retry: false, error: 'mail.test answered 403' },
    { ok: true, receipt: 'answered 200' },
  ]);
  expect(arrived).toHaveLength(1);
});

it.each([
  ['a channel that its owner kept for itself', 'private'],
  ['a channel that is not there', 'pager'],
  ['a property of every object', 'constructor'],
  ['an address', 'http://evil.test/'],
  ['nothing', ''],
])('%s is no way out for the worker', async (_, channel) => {
  const { world, worker, begin, arrived } = await stage();
  await begin();
  worker.asks = [errand('a', {}, channel)];
  await world.advance(20_000);
  expect(arrived).toEqual([]);
  expect(worker.receipts).toEqual([
    {
      id: 'a',
      delivery: {
        ok: false,
        retry: true,
        error: `its own file lists no channel "${channel}" under "relay"`,
      },
    },
  ]);
});

it('a runner whose owner lists nothing sends nothing', async () => {
  const { world, worker, begin, arrived } = await stage([]);
  await begin();
  worker.asks = [errand('a')];
  await world.advance(20_000);
  expect(arrived).toEqual([]);
  expect(worker.receipts[0]?.delivery).toMatchObject({ ok: false });
});

it('what is not a message is passed over, and line breaks make no headers', async () => {
  const { world, worker, begin, arrived } = await stage();
  await begin();
  worker.asks = [
    errand('a', { key: '../../etc/passwd' }),
    errand('b', { mood: 'evil' }),
    errand('c', { lines: 'none' }),
    errand('d', { to: ['evil@example.org'], url: 'http://evil.test/' }),
    errand('e', { subject: 'x\r\nBcc: evil@example.org', lines: ['y\r\n.\r\nQUIT'] }),
  ];
  await world.advance(20_000);
  expect(arrived.map(({ host, subject, key }) => [host, subject, key])).toEqual([
    ['mail.test', 'shop is down', 'key-d'],
    ['mail.test', 'x Bcc: evil@example.org', 'key-e'],
  ]);
  expect(arrived[1]?.text).toBe('y . QUIT\n\nAnyup, delivery 7');
  expect(JSON.stringify(worker.receipts)).not.toContain('hook-with-a-secret');
});
