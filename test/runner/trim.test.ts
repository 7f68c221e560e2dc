import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const TRIM = fileURLToPath(new URL('../../runner/node/trim.ts', import.meta.url));
const run = promisify(execFile);

/** Gives back what can be given back, then works on with code that was given back. */
const SCRIPT = `
  import { readFileSync } from 'node:fs';
  import { createHash, generateKeyPairSync } from 'node:crypto';
  import { gzipSync, gunzipSync } from 'node:zlib';
  import { waysBack } from ${JSON.stringify(TRIM)};
  const kiB = () => Number(/RssFile:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
  const work = () => {
    generateKeyPairSync('ed25519');
    const text = new Intl.DateTimeFormat('de', { dateStyle: 'full' }).format(0).repeat(1000);
    return createHash('sha256').update(gunzipSync(gzipSync(text))).digest('hex');
  };
  const first = work();
  const ways = await waysBack();
  const before = kiB();
  for (const way of ways) way();
  const after = kiB();
  console.log(JSON.stringify({ ways: ways.length, before, after, same: work() === first }));
`;

async function giveBack(...flags: string[]) {
  const args = [...flags, '--input-type=module', '-e', SCRIPT];
  return JSON.parse((await run(process.execPath, args)).stdout);
}

test('what Node needed to start is given back, and what is used of it comes again', async () => {
  const { ways, before, after, same } = await giveBack();
  expect(ways).toBeGreaterThan(0);
  expect(after).toBeLessThan(before / 2);
  expect(same).toBe(true);
});

test('code that has no file to come back from is left alone', async () => {
  expect(await giveBack('--use-largepages=on')).toMatchObject({ same: true });
});
