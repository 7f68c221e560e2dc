// Builds what browsers load: web/islands/*.ts and web/styles/*.css into web/dist, named by their content, and the
// manifest that pages go by.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const WEB = fileURLToPath(new URL('../web', import.meta.url));
const DIST = join(WEB, 'dist');
/** Lies as it is served: /assets/<name>. */
const SERVED = join(DIST, 'assets');

/** What Cloudflare's static assets are to know: the name holds the content, so it never changes. */
const HEADERS = '/assets/*\n  Cache-Control: public, max-age=31536000, immutable\n';

const MONTH_MS = 30 * 86_400_000;

function filesIn(folder: string, extension: string): string[] {
  return readdirSync(join(WEB, folder))
    .filter((name) => name.endsWith(extension))
    .map((name) => join(WEB, folder, name));
}

/** Builds web/dist anew, in about 50 ms; gives the manifest it wrote: plain name → hashed name. */
export async function buildAssets(): Promise<Record<string, string>> {
  mkdirSync(SERVED, { recursive: true });
  const { outputFiles } = await build({
    entryPoints: [...filesIn('islands', '.ts'), ...filesIn('styles', '.css')],
    entryNames: '[name].[hash]',
    outdir: SERVED,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    // Browsers that lay out the page at all know nesting and light-dark().
    supported: { nesting: true },
    legalComments: 'none',
    write: false,
  });
  const manifest: Record<string, string> = {};
  for (const { path, contents } of outputFiles) {
    const hashed = basename(path);
    manifest[hashed.replace(/\.[A-Z0-9]{8}\./, '.')] = hashed;
    place(SERVED, hashed, contents);
  }
  place(DIST, 'manifest.json', `${JSON.stringify(manifest, null, 2)}\n`);
  place(DIST, '_headers', HEADERS);
  place(DIST, '.assetsignore', 'manifest.json\n*.tmp\n');
  prune();
  return manifest;
}

/** Vitest's globalSetup. */

/** Files of earlier builds stay for a month: a server that runs in this checkout still names them. */
function prune(): void {
  for (const name of readdirSync(SERVED)) {
    const file = join(SERVED, name);
    if (Date.now() - statSync(file).mtimeMs > MONTH_MS) rmSync(file, { force: true });
  }
}

/** Whole or not at all, for a server that reads meanwhile; what is so already is left alone (the folder may be read-only). */
function place(folder: string, name: string, contents: Uint8Array | string): void {
  const file = join(folder, name);
  if (existsSync(file) && readFileSync(file).equals(Buffer.from(contents))) return;
  const unfinished = join(folder, `${name}.${process.pid}.tmp`);
  writeFileSync(unfinished, contents);
  renameSync(unfinished, file);
}

if (import.meta.main) await buildAssets();
