import { expect, it } from 'vitest';
import { SLOWER_MS } from '#core/meter/flush.ts';
import { Bell } from '../../bin/server/bell.ts';
import { listen } from '../../bin/server/listen.ts';

it('keeps the connection of a runner from one post to the next', async () => {
  const bell = new Bell({ shared: false });
  const server = await listen('127.0.0.1', 0, () => new Response('here'), bell);
  const answer = await fetch(`http://127.0.0.1:${server.port}/`);
  await answer.text();
  await server.stop();
  const [, seconds] = /timeout=(\d+)/.exec(answer.headers.get('keep-alive') ?? '') ?? [];
  expect(Number(seconds) * 1000).toBeGreaterThan(Math.max(...SLOWER_MS));
});
