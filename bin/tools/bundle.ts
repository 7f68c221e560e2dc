// The worker as it would be uploaded: built by wrangler itself, and weighed.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { run } from './run.ts';

/** Free Workers take 3 MB; ours stays where it starts quickly. */
export const MOST_KB = 200;

export const WRANGLER_ENV = {
  CI: '1',
  WRANGLER_SEND_METRICS: 'false',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
};

/** Gives the size in KB after gzip; throws with wrangler's words when it does not build, or when it is too large. */
export async function weighBundle(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'anyup-bundle-'));
  try {
    const args = ['deploy', '--dry-run', '--outdir', folder];
    const { code, output } = await run('wrangler', args, { env: WRANGLER_ENV });
    if (code !== 0) throw new Error(`wrangler deploy --dry-run ended with ${code}:\n${output}`);
    const scripts = readdirSync(folder).filter((name) => /\.m?js$/.test(name));
    if (scripts.length === 0)
      throw new Error(`wrangler deploy --dry-run left no script:\n${output}`);
    const bytes = scripts.map((name) => gzipSync(readFileSync(join(folder, name))).length);
    const kb = Math.ceil(bytes.reduce((sum, each) => sum + each, 0) / 1024);
    if (kb > MOST_KB)
      throw new Error(`the bundle is ${kb} KB gzip; at most ${MOST_KB} are allowed`);
    return kb;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
