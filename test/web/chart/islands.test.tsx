// The islands in a real browser, under the rules for content that the app sends.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser } from '#test/support/browser.ts';
import { testPlatform } from '#test/support/platform.ts';
import { DAY, dayBars, HOUR, MINUTE, series } from '#test/support/series.ts';
import { chartSvg } from '#web/chart/chartSvg.ts';
import { dayRowOf } from '#web/chart/days.ts';
import { Document } from '#web/document.tsx';
import { Chart, rangeIn } from '#web/parts/chart.tsx';
import { DayBars } from '#web/parts/dayBars.tsx';
import { app } from '#worker/app.ts';

const NOW = Math.floor(Date.now() / HOUR) * HOUR;
const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
const site = { title: 'Status', signedIn: false, url: 'http://anyup.test', refreshS: 1 };

function historyOf(fromAt: number, toAt: number) {
  const stepMs = toAt - fromAt > 2 * DAY ? HOUR : MINUTE;
  const start = Math.floor(fromAt / stepMs) * stepMs;
  const down = { fromAt: NOW - 6 * HOUR, toAt: NOW - 5 * HOUR, status: 'down' as const };
  const locations = ['Home', 'Office'];
  return series({ fromAt: start, toAt, stepMs, locations, runs: [down] });
}

const row = dayRowOf(dayBars(NOW, 90, 5)) ?? { from: '', days: '', uptime: null };
let served = 0;
let answers = true;
/** Ranges that were asked for, in hours. */
let asked: number[] = [];
const server = new Hono();
let browser: Browser;
let page: Page;
let complaints: string[] = [];
let address = '';
let stop = () => {};

beforeAll(async () => {
  const platform = await testPlatform();
  const policy = (await app.request('/healthz', {}, platform)).headers;
  platform.close();
  server.use(async (c, next) => {
    await next();
    c.header('content-security-policy', policy.get('content-security-policy') ?? 'none');
  });
  server.get('/assets/:name', (c) => {
    const name = c.req.param('name');
    const file = fileURLToPath(new URL(`../../../web/dist/assets/${name}`, import.meta.url));
    const type = name.endsWith('.css') ? 'text/css' : 'text/javascript';
    return c.body(readFileSync(file), 200, { 'content-type': type });
  });
  server.get('/chart/:name', (c) => {
    const options = { width: 928, height: 300, title: 'db', lines: 'merged' } as const;
    const drawn = historyOf(NOW - DAY, NOW);
    const svg = chartSvg(drawn, { ...options, theme: 'light', scale: 'dynamic' });
    return c.body(svg, 200, { 'content-type': 'image/svg+xml' });
  });
  server.get('/api/v1/checks/7/series', (c) => {
    const [from, to] = [Date.parse(c.req.query('from') ?? ''), Date.parse(c.req.query('to') ?? '')];
    asked.push(Math.round(((to - from) / HOUR) * 10) / 10);
    return answers ? c.json(historyOf(from, to)) : c.json({ code: 'busy' }, 503);
  });
  server.get('/', (c) => {
    served++;
    return c.html(
      <Document site={site} title="db" islands={['bars.js', 'chart.js']} styles={['chart.css']}>
        <main id="main" data-refresh="1" data-as-of={Date.now()}>
          <h1>db</h1>
          <DayBars id={1} row={row} />
          <h2>HTTP</h2>
          <Chart
            checkId={7}
            name="db"
            title="RTT and status"
            range={rangeIn(c.req.query('range'))}
          />
          <p>served {served} times</p>
        </main>
      </Document>,
    );
  });
  browser = await launchBrowser();
  await new Promise<void>((ready) => {
    const listening = serve({ fetch: server.fetch, port: 0, hostname: '127.0.0.1' }, (info) => {
      address = `http://127.0.0.1:${info.port}/`;
      ready();
    });
    stop = () => listening.close();
  });
});

afterAll(async () => {
  await browser.close();
  stop();
});

beforeEach(async () => {
  await page?.context().close();
  complaints = [];
  asked = [];
  answers = true;
  page = await (await browser.newContext({ viewport: { width: 1280, height: 1000 } })).newPage();
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', ({ message }) => complaints.push(message));
});

async function open(): Promise<void> {
  await page.goto(address);
  await page.locator('.u-over').waitFor();
}

const lastAsked = () => asked.at(-1);

/** Waits until the page has renewed itself. */
async function renewed(): Promise<void> {
  const before = served;
  await expect.poll(() => served, { timeout: 10_000 }).toBeGreaterThan(before);
  await page.getByText(`served ${served} times`).waitFor();
}

describe('the chart on a page', () => {
  it('takes the place of the picture, blocked by nothing and accessible', async () => {
    await open();
    expect(await page.locator('.drawing img').count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.evaluate(AXE);
    const found = await page.evaluate(
      'axe.run().then((all) => all.violations.map(({ id }) => id))',
    );
    expect(found).toEqual([]);
  });

  it('leaves the picture where it is when there is no data to be had', async () => {
    answers = false;
    await page.goto(address);
    await expect.poll(() => asked.length).toBe(1);
    await renewed();
    expect(await page.locator('.drawing img').count()).toBe(1);
    expect(await page.locator('.drawing canvas').count()).toBe(0);
  });

  it('zooms into what is dragged over, and asks for what suits it', async () => {
    await open();
    const box = await page.locator('.u-over').boundingBox();
    if (!box) throw new Error('no drawing');
    await page.mouse.move(box.x + box.width * 0.25, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + 60, { steps: 4 });
    await page.mouse.up();
    await expect.poll(lastAsked).toBeCloseTo(6, 0);
  });

  it('is moved and zoomed by keys, and read point by point', async () => {
    await open();
    await page.locator('.drawing').focus();
    await page.keyboard.press('+');
    await expect.poll(lastAsked).toBe(12);
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => asked).toEqual([24, 12, 12]);
    await page.keyboard.press('-');
    await expect.poll(lastAsked).toBe(24);
    await page.keyboard.press('Shift+ArrowLeft');
    await expect.poll(() => page.locator('.reading').textContent()).toMatch(/ · \d+ ms/);
    await expect
      .poll(() => page.locator('.chart [role=status]').textContent(), { timeout: 5000 })
      .toMatch(/ · \d+ ms/);
  });

  it('is moved and zoomed by buttons, and follows the links to the usual ranges', async () => {
    await open();
    await page.getByRole('button', { name: 'Zoom out' }).click();
    await expect.poll(lastAsked).toBe(48);
    await page.getByRole('link', { name: '7 days' }).click();
    await expect.poll(lastAsked).toBe(168);
    expect(await page.getByRole('link', { name: '7 days' }).getAttribute('aria-current')).toBe(
      'true',
    );
    expect(page.url()).toContain('range=7d');
  });

  it('draws the line of a location that is switched on by a click, and takes it away again', async () => {
    await open();
    const drawing = () => page.locator('canvas').screenshot();
    const before = await drawing();
    await page.getByText('Office', { exact: true }).click();
    expect(await page.getByLabel('Office').isChecked()).toBe(true);
    await expect.poll(async () => before.equals(await drawing())).toBe(false);
    await page.getByText('Office', { exact: true }).click();
    await expect.poll(async () => before.equals(await drawing())).toBe(true);
    expect(asked).toHaveLength(1);
  });

  it('keeps what the reader chose, and the focus, when the page renews itself', async () => {
    await open();
    await page.getByLabel('Office').check();
    await renewed();
    expect(await page.getByLabel('Office').isChecked()).toBe(true);
    expect(await page.evaluate('document.activeElement.closest("label")?.textContent')).toBe(
      'Office',
    );
    expect(await page.locator('canvas').count()).toBe(1);
  });

  it('is drawn anew when the reader turns to dark', async () => {
    await open();
    const before = await page.locator('canvas').screenshot();
    await page.emulateMedia({ colorScheme: 'dark' });
    await expect
      .poll(async () => before.equals(await page.locator('canvas').screenshot()))
      .toBe(false);
    expect(asked).toHaveLength(1);
  });
});

describe('the days on a page', () => {
  it('tell the day under the pointer', async () => {
    await open();
    const box = await page.locator('.strip').boundingBox();
    if (!box) throw new Error('no days');
    await page.mouse.move(box.x + (box.width * 13.5) / 90, box.y + 8);
    const text = await page.locator('.bubble').textContent();
    expect(text).toMatch(/Down · 9\d\.\d{3} % up · down \d+ h \d+ min · 1 incident/);
    await page.mouse.move(box.x, box.y + 300);
    expect(await page.locator('.bubble').count()).toBe(0);
  });

  it('are told one by one to who uses keys, and put away by Escape', async () => {
    await open();
    const strip = page.locator('.strip');
    const told = () => strip.getAttribute('aria-valuetext');
    await page.keyboard.press('Tab');
    while (!(await page.evaluate('document.activeElement.matches(".strip")'))) {
      await page.keyboard.press('Tab');
    }
    const today = await told();
    await page.keyboard.press('ArrowLeft');
    expect(await told()).not.toBe(today);
    await page.keyboard.press('Home');
    expect(await strip.getAttribute('aria-valuenow')).toBe('1');
    await renewed();
    expect(await page.locator('.bubble').count()).toBe(1);
    expect(await page.evaluate('document.activeElement.id')).toBe('days-1');
    await page.keyboard.press('Escape');
    expect(await page.locator('.bubble').count()).toBe(0);
    await page.evaluate(AXE);
    const found = await page.evaluate(
      'axe.run().then((all) => all.violations.map(({ id }) => id))',
    );
    expect(found).toEqual([]);
  });
});
