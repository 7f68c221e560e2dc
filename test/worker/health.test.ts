import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { app } from '#worker/app.ts';
import { tick } from '#worker/tick/tick.ts';

let platform: TestPlatform;
let watcher: Server;
let asked: string[] = [];
let answers = 200;

beforeEach(async () => {
  asked = [];
  answers = 200;
  watcher = createServer((request, response) => {
    asked.push(String(request.url));
    response.writeHead(answers).end('OK');
  });
  await new Promise<void>((resolve) => watcher.listen(0, '127.0.0.1', resolve));
  const { port } = watcher.address() as AddressInfo;
  platform = await testPlatform({ healthcheckUrl: `http://127.0.0.1:${port}/ping/s3cr3t-uuid` });
});
afterEach(async () => {
  platform.close();
  watcher.closeAllConnections();
  await new Promise((resolve) => watcher.close(resolve));
});

async function health() {
  const answer = await app.request('/healthz', {}, platform);
  return { status: answer.status, body: await answer.json() };
}

describe('the outside watcher', () => {
  it('is told by each minute of ticks, once', async () => {
    await tick(platform);
    await tick(platform);
    expect(asked).toEqual(['/ping/s3cr3t-uuid']);
    platform.advance(60_000);
    await tick(platform);
    expect(asked).toHaveLength(2);
  });

  it('that refuses is told again with the next tick, and the log does not hold its address', async () => {
    answers = 500;
    await tick(platform);
    answers = 200;
    platform.advance(5000);
    await tick(platform);
    expect(asked).toHaveLength(2);
    expect(JSON.stringify(platform.logs)).toContain('could not be told');
    expect(JSON.stringify(platform.logs)).not.toContain('s3cr3t');
  });
});

describe('/healthz', () => {
  it('tells how old the tick is, and how long a message that is due has waited', async () => {
    await tick(platform);
    await platform.db.$client.execute({
      sql: `insert into channel (id, kind, name, config, secrets, created_at) values (1, 'telegram', 'x', '{}', '', 0)`,
      args: [],
    });
    await platform.db.$client.execute({
      sql: `insert into delivery (channel_id, notice_key, notice, due_at, created_at) values (1, 'k', '{}', ?, ?)`,
      args: [platform.now(), platform.now()],
    });
    platform.advance(40_000);
    expect(await health()).toMatchObject({
      status: 200,
      body: { status: 'ok', tick: 'ok', tickAgeMs: 40_000, outboxAgeMs: 40_000, historyLagMs: 0 },
    });
    platform.advance(200_000);
    expect((await health()).body).toMatchObject({ tick: 'late' });
  });

  it('without its database is not ready, but alive', async () => {
    platform.db.$client.close();
    platform.log = () => undefined;
    expect((await health()).status).toBe(503);
    expect((await app.request('/healthz/live', {}, platform)).status).toBe(200);
  });
});
