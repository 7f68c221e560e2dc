// A real browser: the one `npm test` found (bin/test.ts) or the usual places.
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const USUAL = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Launches Chromium; throws with what to do when there is none. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = process.env.ANYUP_TEST_CHROMIUM ?? USUAL.find((path) => existsSync(path));
  if (executablePath === undefined) {
    throw new Error('no Chromium found: run the tests by `npm test`, which finds or installs one');
  }
  const args = [
    '--disable-dev-shm-usage',
    '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
  ];
  const env = JSON.parse(process.env.ANYUP_TEST_CHROMIUM_ENV ?? '{}') as Record<string, string>;
  return chromium.launch({ executablePath, args, env: { ...process.env, ...env } });
}
