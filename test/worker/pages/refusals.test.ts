import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { app } from '#worker/app.ts';

let platform: TestPlatform;
beforeEach(async () => {
  platform = await testPlatform();
});
afterEach(() => platform.close());

const html = { headers: { accept: 'text/html,application/xhtml+xml' } };

describe('an address that does not exist', () => {
  it('is a page to a browser', async () => {
    const answer = await app.request('/nowhere', html, platform);
    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain('<main');
  });

  it('is problem details to a program, and under /api to everybody', async () => {
    for (const [path, init] of [
      ['/nowhere', {}],
      ['/api/v1/nowhere', html],
    ] as const) {
      const answer = await app.request(path, init, platform);
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
      expect(await answer.json()).toMatchObject({ status: 404, code: 'not_found' });
    }
  });
});

it('a database that is gone is a page too', async () => {
  platform.db.$client.close();
  const answer = await app.request('/', html, platform);
  expect(answer.status).toBeGreaterThanOrEqual(500);
  expect(await answer.text()).toContain('<main');
});
