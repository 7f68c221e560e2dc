import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ACCESS_KEY, hashOf } from '#test/support/api.ts';
import { signedIn } from '#test/support/pages.ts';
import { type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { seedChecks } from '#test/support/seed.ts';
import { app } from '#worker/app.ts';

const PUBLIC = ['/', '/api/v1/status', '/badge/1.svg'];
let platform: TestPlatform;
beforeEach(async () => {
  platform = await testPlatform({ runtime: 'edge', accessKeyHash: hashOf(ACCESS_KEY) });
  await seedChecks(platform, { host: 'Fish & <Chips>' });
});
afterEach(() => platform.close());

function ask(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return Promise.resolve(app.request(path, { headers }, platform));
}

describe('caches', () => {
  it.each(PUBLIC)(
    'may keep %s for a moment, and longer when nothing better is to be had',
    async (path) => {
      const { headers } = await ask(path);
      expect(headers.get('cache-control')).toBe(
        'public, max-age=15, stale-while-revalidate=60, stale-if-error=86400',
      );
      expect(headers.get('set-cookie')).toBeNull();
    },
  );

  it.each(PUBLIC)('are told 304 when they have %s as it is', async (path) => {
    const first = await ask(path);
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^W\/"[\w-]{22}"$/);
    const again = await ask(path, { 'if-none-match': etag });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe('');
    expect(again.headers.get('cache-control')).toContain('max-age=15');
    platform.advance(200_000);
    await seedChecks(platform, { host: 'Another', position: 1 });
    expect((await ask(path, { 'if-none-match': '"something else"' })).status).toBe(200);
  });

  it('learn that an answer depends on who asks', async () => {
    for (const path of ['/', '/api/v1/status']) {
      const vary = (await ask(path)).headers.get('vary')?.toLowerCase() ?? '';
      expect(vary, path).toContain('cookie');
      expect(vary, path).toContain('authorization');
    }
  });

  it('never keep what the signed-in see, nor answer them with what they kept', async () => {
    const owner = await signedIn(platform);
    const visitors = await ask('/');
    const mine = await owner.get('/');
    expect(mine.headers.get('cache-control')).toBe('private, no-store');
    expect(mine.headers.get('vary')?.toLowerCase()).toContain('cookie');
    expect(mine.html).toContain('/admin');
    expect(await visitors.text()).not.toContain('/admin"');
    const authorization = `Bearer ${ACCESS_KEY}`;
    const etag = visitors.headers.get('etag') ?? '';
    const program = await ask('/api/v1/status', { authorization, 'if-none-match': etag });
    expect(program.status).toBe(200);
    expect(program.headers.get('cache-control')).toBe('private, no-store');
  });

  it('keep nothing that was refused', async () => {
    const refused = await ask('/badge/77.svg');
    expect(refused.status).toBe(404);
    expect(refused.headers.get('cache-control')).toBe('no-store');
  });
});

describe('a badge', () => {
  it('is a picture that says name and status, in words and as a shape, and needs nothing else', async () => {
    const answer = await ask('/badge/1.svg');
    expect(answer.headers.get('content-type')).toMatch(/^image\/svg\+xml/);
    const svg = await answer.text();
    expect(svg).toContain('aria-label="Fish &amp; &lt;Chips&gt;: unknown"');
    expect(svg).toContain('<title>Fish &amp; &lt;Chips&gt;: unknown</title>');
    expect(svg).toMatch(/<path [^>]*d="M/);
    expect(svg).not.toMatch(/ style=|<script|href=|<Chips>/);
    expect(svg.length).toBeLessThan(2500);
  });

  it('says "paused" of a host that is paused', async () => {
    await platform.db.$client.execute('update host set paused = 1');
    expect(await (await ask('/badge/1.svg')).text()).toContain('paused</text>');
  });
});
