import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { foldAll, HOUR, MINUTE, minutely, postAll, runnerAt } from '#test/support/history.ts';
import { readable } from '#test/support/pages.ts';
import { type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { seedChecks } from '#test/support/seed.ts';
import { app } from '#worker/app.ts';

let platform: TestPlatform;
let checkId: number;

beforeEach(async () => {
  platform = await testPlatform();
  [checkId = 0] = await seedChecks(platform, { host: 'db & <friends>' });
  await runnerAt(platform, 'Home');
});
afterEach(() => platform.close());

const ask = (path: string, headers: Record<string, string> = {}) =>
  app.request(`http://anyup.test${path}`, { headers }, platform);
const chart = (query = '', headers = {}) => ask(`/chart/${checkId}.svg${query}`, headers);

/** The fields that were refused, with what was said of them. */
async function refused(query: string): Promise<Record<string, string>> {
  const answer = await chart(query);
  expect(answer.status).toBe(400);
  const { code, errors } = (await answer.json()) as {
    code: string;
    errors: Array<{ path: string; message: string }>;
  };
  expect(code).toBe('invalid_input');
  return Object.fromEntries(errors.map(({ path, message }) => [path, message]));
}

describe('the chart of a check as an image', () => {
  it('is shown to anyone, with the name of its host as text', async () => {
    const answer = await chart();
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('image/svg+xml; charset=UTF-8');
    const svg = await answer.text();
    expect(svg).toContain('>db &amp; &lt;friends&gt;</title>');
    expect(svg).not.toContain('example.org');
    expect(svg).toContain('No data in this range');
  });

  it('draws what runners reported', async () => {
    const runner = await runnerAt(platform, 'Office');
    const start = platform.now();
    platform.advance(2 * HOUR);
    await postAll(runner, minutely(checkId, start, platform.now() - MINUTE));
    await foldAll(platform);
    const svg = await (await chart('?range=3h')).text();
    expect(svg).not.toContain('No data in this range');
    expect(svg).toMatch(/Average RTT 2[0-3] ms/);
  });

  it('is as wide and high, and as dark, as asked', async () => {
    const svg = await (await chart('?width=640&height=240&theme=dark')).text();
    expect(svg).toMatch(/^<svg [^>]*width="640" height="240"/);
    expect(svg).toContain('#191a1c');
  });

  it('takes a range by two instants, by Unix times and by its length, in the zone asked for', async () => {
    const range = async (query: string) =>
      /From ([^.]*)\./.exec(await (await chart(query)).text())?.[1];
    const said = '20 Nov 2026, 09:00 to 21 Nov 2026, 08:00 UTC';
    expect(await range('?from=2026-11-20T09:00:00Z&to=2026-11-21T09:00:00%2B01:00')).toBe(said);
    expect(await range('?from=1795165200&to=1795248000')).toBe(said);
    expect(await range('?from=1795165200000&to=1795248000000')).toBe(said);
    expect(await range('?range=7d')).toBe('14 Nov 2026, 09:00 to 21 Nov 2026, 09:00 UTC');
    expect(await range('?range=1h&zone=Asia/Tokyo')).toBe(
      '21 Nov 2026, 17:00 to 21 Nov 2026, 18:00 Asia/Tokyo',
    );
  });

  it('says which field is wrong, what it was and what would be right', async () => {
    expect(
      await refused(
        '?width=100&height=x&theme=pink&scale=tall&zone=Mars&from=yesterday&lines=all&widht=3',
      ),
    ).toEqual({
      width: 'is 100; it must be at least 200',
      height: 'is "x"; it must be a number',
      theme: 'is "pink"; it must be one of "light", "dark"',
      scale: 'is "tall"; it must be "dynamic" or the highest RTT shown, like "200ms"',
      zone: 'is "Mars"; it must be the name of a time zone, like "Europe/Berlin"',
      from: 'is "yesterday"; it must be an instant like "2026-11-21T09:00:00Z" or a Unix time',
      lines: 'is "all"; it must be one of "merged", "locations"',
      widht: 'is not a field here; did you mean width?',
    });
    expect(await refused('?range=ten')).toEqual({
      range: '"ten" is not a duration; write it like "30s", "5m" or "1h30m"',
    });
    expect(await refused('?range=1d&from=1795165200')).toEqual({
      range: 'cannot be given together with from or to',
    });
    expect(await refused('?from=2027-01-01T00:00:00Z')).toEqual({
      from: 'must be before to, and before now',
    });
    expect(await refused('?from=2024-01-01')).toEqual({
      from: 'must be at most 400 days before to',
    });
  });

  it('may be kept by caches, longer once its time is over, and is not sent twice', async () => {
    const answer = await chart();
    expect(answer.headers.get('cache-control')).toContain('public, max-age=60,');
    const tag = answer.headers.get('etag') ?? '';
    expect((await chart('', { 'if-none-match': tag })).status).toBe(304);
    const past = await chart('?from=2026-11-01&to=2026-11-02');
    expect(past.headers.get('cache-control')).toContain('max-age=3600,');
  });

  it('is none for a check that is not there', async () => {
    const answer = await ask('/chart/4711.svg', { accept: 'text/html' });
    expect(answer.status).toBe(404);
    expect(readable(await answer.text())).toContain('There is no such check, or it was removed');
    expect((await ask('/chart/x.svg')).status).toBe(404);
  });
});
