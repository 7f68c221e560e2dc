// The admin's live view in a real browser: told at once, and all the same when nobody tells.
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { launchBrowser } from '#test/support/browser.ts';
import { FakeRunner, result } from '#test/support/fakeRunner.ts';
import { RUNTIMES, type RunningServer } from '#test/support/servers.ts';

const LIVE = '**/api/v1/live';
/** A page asks by itself every ten seconds. */
const PATIENCE_MS = 90_000;
const BAD = { level: 500, rttUs: null, code: 'connect.refused', text: 'refused' };

let server: RunningServer;
let browser: Browser;
let page: Page;
let runner: FakeRunner;
let checkId: number;
/** Fetched by the page's script, by path. */
let fetched: string[];

beforeAll(async () => {
  [server, browser] = await Promise.all([RUNTIMES.node(), launchBrowser()]);
  const { code } = await call('/join-codes', { location: 'Home' });
  const ask = (path: string, init?: RequestInit) => fetch(`${server.baseUrl}${path}`, init);
  runner = await FakeRunner.enrol(ask, { code, name: 'home' });
  const checks = [{ target: 'https://example.org/', failures: 1 }];
  const { host } = await call('/hosts', { name: 'shop', checks });
  checkId = host.checks[0].id;
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

beforeEach(async () => {
  await runner.post([result(checkId, Date.now())]);
  fetched = [];
  page = await (await browser.newContext()).newPage();
  page.on('request', (request) => {
    if (['fetch', 'eventsource'].includes(request.resourceType()))
      fetched.push(new URL(request.url()).pathname);
  });
  await page.goto(await server.signInLink());
  await page.getByRole('button', { name: /sign in/i }).click();
  await page.waitForURL('**/admin**');
});
afterEach(async () => {
  await page.context().close();
});

// biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
async function call(path: string, body: object): Promise<any> {
  const answer = await fetch(`${server.baseUrl}/api/v1${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.accessKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return answer.json();
}

const bad = () => runner.post([result(checkId, Date.now(), BAD)]);
const good = () => runner.post([result(checkId, Date.now())]);
const row = (status: string, where = page) =>
  where.waitForSelector(`#list [data-name=shop][data-status=${status}]`);

async function toHosts(where = page) {
  const greeted = where.waitForResponse((answer) => answer.url().endsWith('/api/v1/live'));
  await where.goto(`${server.baseUrl}/admin/hosts`);
  await greeted;
  await row('up', where);
}

/** From now on only news makes the page fetch anything. */
const stopPolling = (where = page) =>
  where.evaluate(
    `for (const part of document.querySelectorAll('[data-refresh]')) part.dataset.refresh = '86400'`,
  );

it(
  'a host that goes down is shown at once, without a reload and without asking',
  async () => {
    await toHosts();
    const loaded = await page.evaluate(() => performance.timeOrigin);
    await stopPolling();
    await bad();
    await row('down');
    expect(await page.evaluate(() => performance.timeOrigin)).toBe(loaded);
    expect(await page.locator('#said').textContent()).toContain('shop is down');
    await stopPolling();
    await good();
    await row('up');
  },
  PATIENCE_MS,
);

it(
  'where no line is to be had, the page asks by itself',
  async () => {
    await page.route(LIVE, (route) => route.fulfill({ status: 204 }));
    fetched = [];
    await toHosts();
    await bad();
    await row('down');
    expect(fetched).toContain('/admin/hosts');
    expect(fetched.filter((path) => path === '/api/v1/live')).toHaveLength(1);
  },
  PATIENCE_MS,
);

it(
  'a line that breaks is opened again, and what happened meanwhile is shown then',
  async () => {
    await page.route(LIVE, (route) => route.abort());
    await page.goto(`${server.baseUrl}/admin/hosts`);
    await row('up');
    await stopPolling();
    await bad();
    await page.unroute(LIVE);
    await row('down');
  },
  PATIENCE_MS,
);

it(
  'while nobody looks the page neither listens nor asks; when somebody does again, it is up to date',
  async () => {
    const watching = await page.context().newPage();
    await toHosts();
    await toHosts(watching);
    const seen = (hidden: boolean) =>
      page.evaluate(
        `Object.defineProperty(document, 'hidden', { configurable: true, value: ${hidden} });
       document.dispatchEvent(new Event('visibilitychange'))`,
      );
    await seen(true);
    const before = fetched.length;
    await bad();
    await row('down', watching);
    expect(fetched.slice(before)).toEqual([]);
    expect(await page.locator('#list [data-name=shop]').getAttribute('data-status')).toBe('up');
    await seen(false);
    await row('down');
  },
  PATIENCE_MS,
);

it(
  'signing out ends it: the line is closed, and the next answer is not for strangers',
  async () => {
    await toHosts();
    const other = await page.context().newPage();
    await other.goto(`${server.baseUrl}/admin/hosts`);
    const refused = page.waitForResponse(
      (answer) => answer.url().endsWith('/api/v1/live') && answer.status() === 401,
    );
    await other.getByRole('button', { name: 'Sign out' }).click();
    await refused;
  },
  PATIENCE_MS,
);
