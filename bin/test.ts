// `npm test`: sets up what the tests need, runs them all, and says plainly how it went. Arguments go to vitest.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildAssets } from './assets.ts';
import { findChromium } from './test/chromium.ts';
import { prepareTools } from './test/tools.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SCRATCH = join(ROOT, 'test/.tmp');
const RESULTS = join(SCRATCH, 'results.json');

const say = (line: string) => console.log(`test: ${line}`);

interface Results {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
}

function vitest(args: string[], env: Record<string, string>): Promise<number> {
  const main = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${RESULTS}`];
  const child = spawn(process.execPath, [main, 'run', ...reporters, ...args], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => {
    child.on('error', () => resolve(127));
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

function readResults(): Results | null {
  try {
    return JSON.parse(readFileSync(RESULTS, 'utf8')) as Results;
  } catch {
    return null;
  }
}

say(`Node ${process.versions.node}, ${process.platform}-${process.arch}`);
mkdirSync(SCRATCH, { recursive: true });
rmSync(RESULTS, { force: true });
say(`built ${Object.keys(await buildAssets()).length} assets`);
const missing = await prepareTools(say);
for (const each of missing) say(each);
const browser = await findChromium(SCRATCH, say);
say(
  browser
    ? `browser: ${browser.path} (${browser.from})`
    : 'no Chromium: the browser tests will fail',
);

const code = await vitest(process.argv.slice(2), {
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  WRANGLER_SEND_METRICS: 'false',
  ...(browser && {
    ANYUP_TEST_CHROMIUM: browser.path,
    ANYUP_TEST_CHROMIUM_ENV: JSON.stringify(browser.env),
  }),
});
const results = readResults();
if (results) {
  const left = results.numPendingTests + results.numTodoTests;
  const skipped = left > 0 ? `, ${left} skipped` : '';
  console.log(`${results.numPassedTests} passed, ${results.numFailedTests} failed${skipped}`);
} else {
  console.log('the tests did not run to their end');
}
process.exitCode = code || (results ? 0 : 1);
