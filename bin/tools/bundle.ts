// The worker as it would be uploaded: built by wrangler itself, and weighed.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { run } from './run.ts';

/** What an isolate loads before it answers anything, and all that is uploaded. Free Workers take 3 MB. */
export const MOST_KB = { start: 200, all: 300 };

export const WRANGLER_ENV = {
  CI: '1',
  WRANGLER_SEND_METRICS: 'false',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
};

export interface Weight {
  startKb: number;
  allKb: number;
}

/** Gives the sizes in KB after gzip; throws with wrangler's words when it does not build, or when one is too large. */
export async function weighBundle(): Promise<Weight> {
  const folder = mkdtempSync(join(tmpdir(), 'anyup-bundle-'));
  try {
    const args = ['deploy', '--dry-run', '--outdir', folder];
    const { code, output } = await run('wrangler', args, { env: WRANGLER_ENV });
    if (code !== 0) throw new Error(`wrangler deploy --dry-run ended with ${code}:\n${output}`);
    const texts = readdirSync(folder)
      .filter((name) => /\.m?js$/.test(name))
      .map((name) => [name, readFileSync(join(folder, name), 'utf8')] as const);
    const scripts = new Map(texts);
    if (!scripts.has('worker.js'))
      throw new Error(`wrangler deploy --dry-run left no worker.js:\n${output}`);
    const weight = {
      startKb: weigh(loadedBy('worker.js', scripts), scripts),
      allKb: weigh(scripts.keys(), scripts),
    };
    refuseAbove(MOST_KB.start, weight.startKb, 'what an isolate starts with');
    refuseAbove(MOST_KB.all, weight.allKb, 'the whole bundle');
    return weight;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A script and all it imports; `import()` loads later and does not count. */
function loadedBy(name: string, scripts: Map<string, string>, seen = new Set<string>()) {
  if (seen.has(name)) return seen;
  seen.add(name);
  const imports =
    scripts.get(name)?.matchAll(/(?:\bfrom|\bimport)\s*["'`]\.\/([^"'`]+)["'`]/g) ?? [];
  for (const [, other = ''] of imports) loadedBy(other, scripts, seen);
  return seen;
}

function weigh(names: Iterable<string>, scripts: Map<string, string>): number {
  const bytes = [...names].map((name) => gzipSync(scripts.get(name) ?? '').length);
  return Math.ceil(bytes.reduce((sum, each) => sum + each, 0) / 1024);
}

function refuseAbove(mostKb: number, kb: number, what: string): void {
  if (kb > mostKb) throw new Error(`${what} is ${kb} KB gzip; at most ${mostKb} are allowed`);
}
