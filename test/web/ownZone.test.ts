// Planned work is given in the reader's zone in a real browser, in UTC without JavaScript; kept is the same moment.
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchBrowser } from '#test/support/browser.ts';
import { type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { app } from '#worker/app.ts';
import { createSignInLink } from '#worker/auth/signIn.ts';

let platform: TestPlatform;
let browser: Browser;
let address = '';
let cookie = '';
let stop = () => {};

beforeAll(async () => {
  platform = await testPlatform();
  const server = new Hono();
  server.get('/assets/:name', (c) => {
    const name = c.req.param('name');
    const file = fileURLToPath(new URL(`../../web/dist/assets/${name}`, import.meta.url));
    const type = name.endsWith('.css') ? 'text/css' : 'text/javascript';
    return c.body(readFileSync(file), 200, { 'content-type': type });
  });
  server.all('*', (c) => app.fetch(c.req.raw, platform));
  const listening = serve({ fetch: server.fetch, port: 0, hostname: '127.0.0.1' });
  await new Promise((resolve) => listening.once('listening', resolve));
  stop = () => listening.close();
  address = `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
  platform.config.url = address;
  const { url } = await createSignInLink(platform);
  const signedIn = await fetch(`${address}/sign-in`, {
    method: 'POST',
    body: new URLSearchParams({ link: url }),
    headers: { origin: address },
    redirect: 'manual',
  });
  cookie = signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  stop();
  platform.close();
});

async function formIn(options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext({ ...options, viewport: { width: 390, height: 900 } });
  const [name = '', value = ''] = cookie.split('=');
  await context.addCookies([{ name, value, url: address }]);
  const page = await context.newPage();
  await page.goto(`${address}/admin/maintenance`);
  return page;
}

async function announce(page: Page, title: string): Promise<[from: string, until: string]> {
  await page.getByLabel('Title').fill(title);
  await page.getByLabel(/^From/).fill('2026-12-01T22:30');
  await page.getByLabel(/^Until/).fill('2026-12-02T01:00');
  await page.getByRole('button', { name: 'Announce' }).click();
  await page.getByText(title).first().waitFor();
  const { rows } = await platform.db.$client.execute({
    sql: 'select from_at, until_at from maintenance where title = ?',
    args: [title],
  });
  const text = (value: unknown) => new Date(Number(value)).toISOString().slice(0, 16);
  return [text(rows[0]?.from_at), text(rows[0]?.until_at)];
}

it('takes times in the zone of whoever plans, shows them so again, and says which it is', async () => {
  const page = await formIn({ timezoneId: 'America/New_York' });
  await page.getByLabel('From (America/New York)').waitFor();
  // The clock of the server says 09:00 UTC.
  expect(await page.getByLabel(/^From/).inputValue()).toBe('2026-11-21T04:00');
  expect(await announce(page, 'New York works')).toEqual(['2026-12-02T03:30', '2026-12-02T06:00']);
  await page
    .getByRole('link', { name: /New York works/ })
    .first()
    .click();
  await page.getByLabel('From (America/New York)').waitFor();
  expect(await page.getByLabel(/^From/).inputValue()).toBe('2026-12-01T22:30');
  expect(await page.getByLabel(/^Until/).inputValue()).toBe('2026-12-02T01:00');
  // What was refused stands as it was typed.
  await page.getByLabel(/^Until/).fill('2026-12-01T20:00');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('must be after').first().waitFor();
  expect(await page.getByLabel(/^From/).inputValue()).toBe('2026-12-01T22:30');
  expect(await page.getByLabel(/^Until/).inputValue()).toBe('2026-12-01T20:00');
  await page.context().close();
});

it('takes them in UTC without JavaScript, and says so', async () => {
  const page = await formIn({ timezoneId: 'America/New_York', javaScriptEnabled: false });
  expect(await page.getByLabel('From (UTC)').inputValue()).toBe('2026-11-21T09:00');
  expect(await announce(page, 'Works in UTC')).toEqual(['2026-12-01T22:30', '2026-12-02T01:00']);
  await page.context().close();
});
