// Bundles the worker for Cloudflare (wrangler runs this: [build] in wrangler.toml) into worker/dist: worker.js, what it
// needs at once, and the back office that it loads when first asked; and writes the API's documentation beside the assets. What the edge never runs stays out: docs/decisions/0008.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Plugin, rolldown } from 'rolldown';
import { buildAssets } from './assets.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = join(ROOT, 'worker/dist');
const GRAMMY = join(ROOT, 'node_modules/grammy/out');

interface Stand {
  /** The module as it is imported, and by whom. */
  name: RegExp;
  by: RegExp;
  code: string;
}

const STANDS: Stand[] = [
  // The mail library can also read mail and check webhooks.
  {
    name: /^(postal-mime|standardwebhooks)$/,
    by: /\/resend\//,
    code: 'class Unused {} export { Unused as default, Unused as Webhook };',
  },
  // grammY's browser file holds the whole bot framework; we call its Api, and never send files.
  {
    name: /^grammy\/web$/,
    by: /\/worker\//,
    code: `export { Api } from '${GRAMMY}/core/api.js'; export { GrammyError, HttpError } from '${GRAMMY}/core/error.js';`,
  },
  {
    name: /\/platform\.node\.js$/,
    by: /\/grammy\//,
    code: 'export const debug = () => () => {}; export const itrToStream = (bytes) => bytes; export const baseFetchConfig = () => ({});',
  },
  {
    name: /\/shim\.node\.js$/,
    by: /\/grammy\//,
    code: 'const { fetch, AbortController } = globalThis; export { fetch, AbortController };',
  },
  { name: /\/types\.js$/, by: /\/grammy\//, code: 'export class InputFile {}' },
  // The database client's own makes an array of characters first: a third of the CPU of folding an hour.
  {
    name: /^js-base64$/,
    by: /\/@libsql\//,
    code: `export const Base64 = {
      toUint8Array(text) {
        if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
        const letters = atob(text);
        const bytes = new Uint8Array(letters.length);
        for (let i = 0; i < bytes.length; i++) bytes[i] = letters.charCodeAt(i);
        return bytes;
      },
      fromUint8Array(bytes) {
        if (bytes.toBase64) return bytes.toBase64();
        let letters = '';
        for (let i = 0; i < bytes.length; i += 8192) {
          letters += String.fromCharCode.apply(null, bytes.subarray(i, i + 8192));
        }
        return btoa(letters);
      },
    };`,
  },
  // openapi.json is a file there: `documentation` below.
  {
    name: /\/openapi\.ts$/,
    by: /\/routes\/api\//,
    code: 'export function openApi() { return {}; }',
  },
];

/** zod makes JSON Schema of any schema; only the documentation asks for it. */
const JSON_SCHEMA = /\/(json-schema-processors|to-json-schema|json-schema-generator)\.js$/;

/** Resend's client makes an object of each of its services, so that a bundler keeps all; we send e-mails. */
const OTHER_SERVICES = /^\s*this\.(?!emails\b)\w+ = (?:new [\w$]+\(this\)|this\.segments);$/gm;

const slim: Plugin = {
  name: 'slim',
  resolveId: (name, importer = '') => {
    if (JSON_SCHEMA.test(name) && /\/zod\//.test(importer)) return '\0json-schema.cjs';
    const index = STANDS.findIndex((each) => each.name.test(name) && each.by.test(importer));
    return index === -1 ? null : `\0instead-${index}.js`;
  },
  load: (id) => {
    if (id === '\0json-schema.cjs') {
      return 'module.exports = new Proxy({}, { get: () => () => () => ({}) });';
    }
    const index = /instead-(\d+)\.js$/.exec(id)?.[1];
    return index === undefined ? null : (STANDS[Number(index)]?.code ?? null);
  },
  transform: {
    filter: { id: /\/resend\/dist\/index\.mjs$/ },
    handler: (code) => {
      const emailsOnly = code.replaceAll(OTHER_SERVICES, '');
      if (emailsOnly === code) throw new Error('resend is not as it was: see OTHER_SERVICES');
      return { code: emailsOnly, map: null };
    },
  },
};

/**
 * Gives each file's name and text, of the worker or of another entry with the same stand-ins. The entry exports what
 * workerd looks for and nothing that a chunk wants of it.
 */
export async function bundle(
  entry = 'worker/cloudflare.ts',
): Promise<Array<{ fileName: string; code: string }>> {
  const build = await rolldown({
    input: { worker: join(ROOT, entry) },
    preserveEntrySignatures: 'strict',
    cwd: ROOT,
    platform: 'browser',
    external: [/^node:/, /^cloudflare:/],
    resolve: {
      conditionNames: ['workerd', 'worker', 'browser', 'import'],
      mainFields: ['browser', 'module', 'main'],
    },
    transform: { define: { 'process.env.NODE_ENV': '"production"' } },
    plugins: [slim],
    onLog: (level, log, report) => {
      if (log.code === 'UNRESOLVED_IMPORT') throw new Error(log.message);
      if (log.code !== 'IMPORT_IS_UNDEFINED') report(level, log);
    },
  });
  const { output } = await build.generate({
    format: 'esm',
    minify: true,
    comments: false,
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
    codeSplitting: { groups: [{ name: 'shared', minShareCount: 2 }] },
  });
  return output.filter((each) => each.type === 'chunk');
}

/** The documentation as the routes would give it, for any address. */
async function documentation(): Promise<string> {
  const { apiDocument } = await import('#worker/routes/api/document.ts');
  return JSON.stringify(apiDocument(''));
}

export async function bundleWorker(): Promise<void> {
  await buildAssets();
  const files = await bundle();
  // Wrangler uploads every script that lies there.
  rmSync(DIST, { recursive: true, force: true });
  mkdirSync(DIST, { recursive: true });
  for (const { fileName, code } of files) writeFileSync(join(DIST, fileName), code);
  mkdirSync(join(ROOT, 'web/dist/api/v1'), { recursive: true });
  writeFileSync(join(ROOT, 'web/dist/api/v1/openapi.json'), await documentation());
}

if (import.meta.main) await bundleWorker();
