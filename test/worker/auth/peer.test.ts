import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { app } from '#worker/app.ts';
import { Bell } from '../../../bin/server/bell.ts';
import { type Listening, listen } from '../../../bin/server/listen.ts';

let platform: TestPlatform;
let server: Listening;

beforeEach(async () => {
  platform = await testPlatform();
  const bell = new Bell({ shared: false });
  server = await listen('127.0.0.1', 0, (request) => app.fetch(request, platform), bell);
});
afterEach(async () => {
  await server.stop();
  platform.close();
});

describe('attempts on a server of our own', () => {
  it('are counted by the address of the socket, whatever a header claims', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 11; i++) {
      const headers = { authorization: 'Bearer wrong', 'cf-connecting-ip': `192.0.2.${i}` };
      const answer = await fetch(`http://127.0.0.1:${server.port}/api/v1/hosts`, { headers });
      await answer.text();
      statuses.push(answer.status);
    }
    expect(statuses).toEqual([...Array(10).fill(401), 429]);
  });
});
