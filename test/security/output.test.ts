// What strangers, runners and targets say may become somebody else's markup, formula or control character: nowhere.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ACCESS_KEY } from '#test/support/api.ts';
import { evidencePack, result } from '#test/support/fakeRunner.ts';
import { type Scene, setScene } from './scene.ts';

const MARKUP = `"'><img src=x onerror=alert(1)><script>alert(1)</script>`;
const FORMULA = '=cmd|calc!A0';

let scene: Scene;
let checkId = 0;
let askId = '';

const bearer = { authorization: `Bearer ${ACCESS_KEY}`, 'content-type': 'application/json' };

async function api(method: string, path: string, body?: object) {
  const answer = await scene.ask(`/api/v1${path}`, {
    method,
    headers: bearer,
    ...(body && { body: JSON.stringify(body) }),
  });
  if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
  return answer.text === '' ? null : JSON.parse(answer.text);
}

beforeAll(async () => {
  scene = await setScene();
  const { home, platform } = scene;
  await api('PATCH', '/settings', { title: MARKUP, revealDetails: true });
  await api('PATCH', '/locations/1', { name: `${FORMULA} ${MARKUP.slice(0, 45)}` });
  await api('PATCH', '/runners/1', { name: MARKUP.slice(0, 64) });
  await api('POST', '/tokens', { name: MARKUP });
  await api('POST', '/channels', {
    kind: 'telegram',
    name: MARKUP,
    settings: { token: `123456789:${'A'.repeat(35)}`, chatId: '1' },
  });
  const made = await api('POST', '/hosts', {
    name: MARKUP,
    group: MARKUP,
    tags: [MARKUP.slice(0, 40)],
    checks: [
      {
        name: MARKUP,
        target: `https://example.org/?q=${MARKUP}`,
        body: MARKUP,
        method: 'POST',
        headers: { 'X-A': MARKUP },
        bodyMatch: MARKUP,
      },
      { kind: 'script', target: 'script:load', args: [MARKUP], runner: 1 },
    ],
  });
  checkId = made.host.checks[0].id;
  const { checks } = await home.assignments();
  const rev = checks.find(({ id }) => id === checkId)?.rev ?? 0;
  for (let n = 0; n < 4; n++) {
    platform.advance(60_000);
    const bad = {
      rev,
      level: 500,
      rttUs: null,
      code: 'script.status',
      text: MARKUP,
      detail: MARKUP,
      metrics: [{ name: MARKUP, value: 1, unit: MARKUP.slice(0, 20) }],
    };
    await home.post([result(checkId, platform.now(), bad)], {
      health: { version: MARKUP.slice(0, 32), rejected: { count: 1, lastReason: MARKUP } },
    });
  }
  const { seen } = evidencePack(checkId, 0);
  const [certificate] = seen.chain;
  const stored = await home.evidence(checkId, platform.now(), {
    text: MARKUP,
    seen: {
      addresses: [MARKUP.slice(0, 64)],
      peer: MARKUP.slice(0, 64),
      chain: certificate
        ? [{ ...certificate, subject: MARKUP, issuer: MARKUP, names: MARKUP }]
        : [],
      response: {
        version: MARKUP.slice(0, 20),
        status: 500,
        headers: [[MARKUP, MARKUP]],
        body: { bytes: 1, text: `</pre>${MARKUP}` },
      },
    },
  });
  if (!stored.stored) throw new Error('the evidence was not taken');
  askId = (await api('POST', '/tries', { target: `https://example.org/?q=${MARKUP}`, runner: 1 }))
    .askId;
  await home.post([]);
  const measurement = {
    level: 500,
    rttUs: null,
    code: 'script.status',
    text: MARKUP,
    detail: MARKUP,
  };
  await home.call(
    'POST',
    `/api/v1/runner/asks/${askId}`,
    new TextEncoder().encode(JSON.stringify({ measurement })),
  );
  await platform.settle();
});
afterAll(() => scene.close());

const PAGES = [
  '/',
  '/hosts/1',
  '/hosts/2',
  '/history',
  '/sign-in',
  `/sign-in?next=${encodeURIComponent(MARKUP)}`,
  `/?said=${encodeURIComponent(MARKUP)}`,
  `/nothing/${encodeURIComponent(MARKUP)}`,
  '/admin/hosts',
  `/admin/hosts?said=${encodeURIComponent(MARKUP)}`,
  '/admin/hosts/2',
  '/admin/incidents/1',
  '/admin/hosts/2/checks/2',
  '/admin/hosts/2/checks/3',
  '/admin/hosts/2/checks/new?kind=http',
  '/admin/runners',
  '/admin/runners/1',
  '/admin/channels',
  '/admin/channels/1',
  `/admin/channels/new?kind=${encodeURIComponent(MARKUP)}`,
  '/admin/deliveries',
  '/admin/usage',
  '/admin/settings',
  '/admin/tries/TRY',
  '/badge/2.svg',
  '/chart/2.svg',
];

it.each(PAGES)('%s shows markup as text', async (path) => {
  for (const cookie of [scene.cookie, '']) {
    const address = path.replace('TRY', askId);
    const { text, headers, status } = await scene.ask(address, {
      headers: { cookie, accept: 'text/html' },
    });
    expect(status).toBeLessThan(500);
    expect(text).not.toMatch(/<img src=x|<script>alert|"'>/);
    if (headers.get('content-type')?.startsWith('text/html')) {
      expect(headers.get('content-security-policy')).toContain("script-src 'self'");
    }
  }
});

it('the attack was there to be seen: names, reasons and details are on the pages, escaped', async () => {
  const headers = { cookie: scene.cookie, accept: 'text/html' };
  for (const path of [
    '/',
    '/hosts/2',
    '/admin/runners',
    '/admin/incidents/1',
    `/admin/tries/${askId}`,
  ]) {
    expect((await scene.ask(path, { headers })).text).toContain('&lt;img src=x');
  }
});

it.each([
  '/api/v1/status',
  '/api/v1/checks/2/series',
  '/api/v1/checks/2/results.ndjson',
  '/api/v1/openapi.json',
])('%s is JSON to every browser', async (path) => {
  const { headers } = await scene.ask(path, { headers: { accept: 'text/html' } });
  expect(headers.get('content-type')).toMatch(/json/);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
});

it('an export for a spreadsheet holds no formula', async () => {
  const at = scene.platform.now();
  const range = `from=${new Date(at - 3_600_000).toISOString()}&to=${new Date(at + 1).toISOString()}`;
  const { text } = await scene.ask(`/api/v1/checks/${checkId}/results.csv?${range}`);
  const lines = text.trim().split('\r\n').slice(1);
  expect(lines.length).toBeGreaterThan(0);
  expect(text).toContain("'=cmd|");
  for (const cell of lines.flatMap((line) => line.split(',')))
    expect(cell).not.toMatch(/^"?[=+@\t]/);
});

it('no header of an answer repeats what was asked', async () => {
  for (const path of ['/admin/hosts', '/sign-in', '/hosts/99']) {
    const { headers } = await scene.ask(`${path}?x=%0d%0aSet-Cookie:%20a=b&next=%0d%0aX:y`, {
      headers: { accept: 'text/html', 'x-request-id': 'a\tb<script>' },
    });
    expect(JSON.stringify([...headers])).not.toMatch(/Set-Cookie: a|<script>/i);
  }
});
