// The first hour with Anyup, in a real browser, against a real `npm start`. Each step goes on where the last one ended.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from '#test/support/browser.ts';
import { type Child, start, startNode } from '#test/support/children.ts';
import {
  BOT_TOKEN,
  CHAT_ID,
  type FakeTelegram,
  startTelegram,
} from '#test/support/fakes/telegram.ts';
import { type Shown, samplesAreGreen } from '#test/support/samples.ts';
import { freePort } from '#test/support/sqld.ts';
import { until } from '#test/support/until.ts';

const PICTURES = 'test/.tmp/e2e';
const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };

let folder: string;
let telegram: FakeTelegram;
let anyup: Child;
let url: string;
let browser: Browser;
let page: Page;
let second: Child | null = null;
let shop: Server | null = null;
let shopPort: number;

beforeAll(async () => {
  mkdirSync(PICTURES, { recursive: true });
  folder = mkdtempSync(join(tmpdir(), 'anyup-story-'));
  telegram = await startTelegram();
  shopPort = await freePort();
  anyup = startNode('bin/standalone.ts', {
    PORT: '0',
    ANYUP_DATA: join(folder, 'data'),
    TELEGRAM_API_URL: telegram.url,
  });
  [, url = ''] = await anyup.says(/Status page\s+(\S+)\//);
  await anyup.says(/^ready$/m);
  browser = await launchBrowser();
  page = await browser.newPage({ viewport: DESKTOP });
});
afterAll(async () => {
  await browser?.close();
  await second?.stop();
  await anyup?.stop();
  writeFileSync(join(PICTURES, 'anyup.log'), `${anyup?.said()}\n${second?.said() ?? ''}`);
  await closeShop();
  await telegram?.close();
  rmSync(folder, { recursive: true, force: true });
});

function openShop(): Promise<void> {
  shop = createServer((_, response) => response.end('open'));
  return new Promise((resolve) => shop?.listen(shopPort, '127.0.0.1', resolve));
}

async function closeShop(): Promise<void> {
  shop?.closeAllConnections();
  await new Promise((resolve) => (shop ? shop.close(resolve) : resolve(null)));
  shop = null;
}

/** Both widths, for looking at. */
async function picture(name: string): Promise<void> {
  for (const [device, size] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
    await page.setViewportSize(size);
    await page.screenshot({ path: join(PICTURES, `${name}-${device}.png`), fullPage: true });
  }
  await page.setViewportSize(DESKTOP);
}

/** Looks at a page anew until a part of it says what is awaited. */
async function pageSays(path: string, selector: string, wanted: RegExp): Promise<void> {
  await until(
    async () => {
      await page.goto(`${url}${path}`);
      return (await page.locator(selector).allTextContents()).join('\n');
    },
    (text) => wanted.test(text),
    60_000,
  );
}

const shopRow = () => `li[data-name*="${shopPort}"]`;

async function shopIs(status: string): Promise<void> {
  await pageSays('/admin/hosts', `${shopRow()}[data-status="${status}"]`, /./);
}

/** "Cellar up, local down": what each location says of the shop. */
async function shopViews(): Promise<string> {
  interface Status {
    hosts: Array<{
      name: string;
      checks: Array<{ locations: Array<{ location: string; status: string }> }>;
    }>;
  }
  const { hosts } = (await (await fetch(`${url}/api/v1/status`)).json()) as Status;
  const shopHost = hosts.find(({ name }) => name.includes(String(shopPort)));
  const views = shopHost?.checks[0]?.locations ?? [];
  return views
    .map(({ location, status }) => `${location} ${status}`)
    .sort()
    .join(', ');
}

describe('the first hour', { timeout: 90_000 }, () => {
  it('shows a page whose checks turn green by themselves', async () => {
    await pageSays('/', 'main', /Anyup, health/);
    await until(
      async () => (await (await fetch(`${url}/api/v1/status`)).json()) as Shown,
      samplesAreGreen,
    );
    await page.goto(`${url}/`);
    await picture('1-status');
  });

  it('signs in by the printed link', async () => {
    const [, link = ''] = /Sign in once\s+(\S+)/.exec(anyup.said()) ?? [];
    await page.goto(link);
    await picture('2-sign-in');
    await page.getByRole('button', { name: 'Sign in as owner' }).click();
    await page.waitForURL('**/admin/hosts**');
    expect(page.url()).not.toContain('#');
  });

  it('tries an address before it is saved', async () => {
    await page.getByLabel('Address').fill(`http://127.0.0.1:${shopPort}/`);
    await page.getByRole('button', { name: 'Try it' }).click();
    await page.locator('#try', { hasText: /refused/i }).waitFor();
    await picture('3-try');
  });

  it('adds it, and sees it go down because nothing listens', async () => {
    await page.getByRole('button', { name: 'Add host' }).click();
    await page.locator(shopRow()).getByRole('link', { name: /^Edit/ }).click();
    await page.getByRole('article').getByRole('link', { name: /^Edit/ }).click();
    await page.getByText('How often, and how sure').click();
    await page.getByLabel('Every', { exact: true }).fill('2s');
    await page.getByLabel('Timeout', { exact: true }).fill('1s');
    await picture('4-check');
    await page.getByRole('button', { name: 'Save' }).click();
    await shopIs('down');
    await picture('5-down');
  });

  it('sees it come up when a server is started there', async () => {
    await openShop();
    await shopIs('up');
  });

  it('saves a script with the protocol that its try has found', async () => {
    await page.goto(`${url}/admin/hosts`);
    await page.getByLabel('Address').fill('script:load');
    await page.getByRole('button', { name: 'Try it' }).click();
    await page.locator('#try', { hasText: 'reads like the wigo protocol' }).waitFor();
    await page.getByLabel('Address').fill('script:loadavg');
    await page.getByRole('button', { name: 'Add host' }).click();
    await page.locator('li[data-name="loadavg"]').waitFor();
    await page.getByLabel('Address').fill('script:load');
    await page.getByRole('button', { name: 'Try it' }).click();
    await page.locator('#try', { hasText: 'reads like the wigo protocol' }).waitFor();
    await page.getByRole('button', { name: 'Add host' }).click();
    for (const [name, protocol] of [
      ['loadavg', 'vigil'],
      ['load', 'wigo'],
    ]) {
      await page.goto(`${url}/admin/hosts`);
      const row = page.locator(`li[data-name="${name}"]`);
      await row.getByRole('link', { name: /^Edit/ }).click();
      await page.getByRole('article').getByRole('link', { name: /^Edit/ }).click();
      expect(await page.locator('select[name="protocol"]').inputValue()).toBe(protocol);
    }
  });

  it('adds a runner by pasting the command it is shown', async () => {
    await page.goto(`${url}/admin/runners`);
    await page.getByLabel('Name').last().fill('cellar-box');
    await page.getByLabel('Location').last().fill('Cellar');
    await page.getByRole('button', { name: 'Show the command' }).click();
    const command = await page.getByLabel('Command for a checkout').locator('code').innerText();
    expect(command).toMatch(/^npm run runner -- --url http\S+ --join \S+$/);
    await picture('6-join');
    second = start('sh', ['-c', command], { ANYUP_DATA: join(folder, 'second') });
    await page
      .locator('#arrival', { hasText: 'cellar-box has arrived in Cellar' })
      .waitFor({ timeout: 60_000 });
    await pageSays('/admin/runners', 'li[data-name="cellar-box"]', /Reports/);
    await picture('7-runners');
  });

  it('looks at the host from two locations', async () => {
    await page.goto(`${url}/admin/hosts`);
    await page.locator(shopRow()).getByRole('link', { name: /^Edit/ }).click();
    const host = new URL(page.url()).pathname;
    await page.getByRole('article').getByRole('link', { name: /^Edit/ }).click();
    const where = page.locator('details', { hasText: 'From where, and who decides' });
    const choice = page.getByLabel('these locations');
    if (!(await choice.isVisible())) await where.locator('summary').click();
    await choice.check();
    await page.getByLabel('local', { exact: true }).first().check();
    await page.getByLabel('Cellar', { exact: true }).first().check();
    await page.getByRole('button', { name: 'Save' }).click();
    await until(shopViews, (views) => views === 'Cellar up, local up');
    await page.goto(`${url}${host.replace('/admin', '')}`);
    await picture('8-two-locations');
    expect(await page.locator('main').innerText()).toMatch(
      /Cellar\s+Up[\s\S]*local\s+Up|local\s+Up[\s\S]*Cellar\s+Up/,
    );
  });

  it('sends a test to a channel, and shows the receipt', async () => {
    await page.goto(`${url}/admin/channels/new?kind=telegram`);
    await page.getByLabel('Bot token').fill(BOT_TOKEN);
    await page.getByLabel('Chat', { exact: true }).fill(CHAT_ID);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.goto(`${url}/admin/channels`);
    await page.getByRole('button', { name: /^Send a test/ }).click();
    await page.locator('[role=status]', { hasText: /./ }).first().waitFor();
    await picture('9-channel');
    expect(telegram.messages).toHaveLength(1);
    expect(await page.content()).not.toContain(BOT_TOKEN);
  });

  it('tells the channel when the host goes down, once', async () => {
    await closeShop();
    await shopIs('down');
    await until(
      () => telegram.messages.length,
      (count) => count >= 2,
    );
    expect(telegram.messages[1]?.text).toContain(String(shopPort));
    await openShop();
    await shopIs('up');
    await until(
      () => telegram.messages.length,
      (count) => count >= 3,
    );
    expect(telegram.refused).toEqual([]);
    await page.goto(`${url}/admin/deliveries`);
    await picture('10-deliveries');
    expect(telegram.messages).toHaveLength(3);
  });

  it('shows what the runners saw of it, from each location', async () => {
    await page.goto(`${url}/history`);
    await page
      .locator('li', { hasText: String(shopPort) })
      .getByRole('link', { name: 'what runners saw' })
      .first()
      .click();
    await page.waitForURL('**/admin/incidents/*');
    const incident = new URL(page.url()).pathname;
    await pageSays(incident, 'article', /(first failure)[\s\S]*\1[\s\S]*recovery[\s\S]*recovery/);
    await picture('11-incident');
    const said = await page.locator('main').innerText();
    expect(said).toMatch(/Cellar: first failure/);
    expect(said).toMatch(/local: first failure/);
    expect(said).toMatch(/Connection refused by 127\.0\.0\.1/);
    expect(said).toMatch(/HTTP\/1\.1 200[\s\S]*4 bytes: not sent: it came from a private address/);
  });

  it('signs out, and is asked to sign in again', async () => {
    await page.goto(`${url}/admin/hosts`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL('**/sign-in**');
    await page.goto(`${url}/admin/hosts`);
    expect(page.url()).toContain('/sign-in');
  });
});
