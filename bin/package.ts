// `npm run package`: the runner as an npm package in dist/npm, one bundled file beside koffi: `npm pack` it, or publish it.
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { type Plugin, rolldown } from 'rolldown';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUT = join(ROOT, 'dist/npm');
/** Koffi carries machine code and stays a package; all else is in the file. */
const EXTERNAL = ['koffi'];
/** The runner, and before it who says that Node is too old for it. */
const FILES = ['anyup.mjs', 'command.mjs'];
const MOST_BYTES = 3 * 1024 * 1024;

interface Manifest {
  version: string;
  license: string;
  description: string;
  dependencies: Record<string, string>;
}

function readManifest(): Manifest {
  return JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;
}

async function bundle(version: string): Promise<string> {
  const seldom = await bundleOf('runner/channels/seldom.ts', []);
  return `#!/usr/bin/env node\n${inAscii(await bundleOf('bin/npx.ts', [alone(version, seldom)]))}`;
}

/** A single letter beyond Latin-1 makes V8 keep the whole file with two bytes a letter. */
function inAscii(code: string): string {
  return code.replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

async function bundleOf(entry: string, plugins: Plugin[]): Promise<string> {
  const build = await rolldown({
    input: { anyup: join(ROOT, entry) },
    cwd: ROOT,
    platform: 'node',
    external: EXTERNAL,
    plugins,
    onLog: (level, log, report) => {
      if (log.code === 'UNRESOLVED_IMPORT') throw new Error(log.message);
      report(level, log);
    },
  });
  const { output } = await build.generate({
    format: 'esm',
    minify: true,
    comments: false,
    codeSplitting: false,
  });
  return output[0].code;
}

const UNDICI = '\0undici.js';
/** Of undici we use an agent that asks; loading all of it takes 20 MB more of every runner's memory. */
const AGENT_ONLY = `
  import Agent from 'undici/lib/dispatcher/agent.js';
  import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';
  import request from 'undici/lib/api/api-request.js';
  Object.assign(Dispatcher.prototype, { request });
  export { Agent };
`;

/**
 * What the one file cannot read from files beside it: its version, and libraries that few runners load. Those are packed
 * in it: as code they would take 10 MB of every runner's memory.
 */
function alone(version: string, seldom: string): Plugin {
  const instead = new Map([
    [join(ROOT, 'runner/version.ts'), `export const VERSION = ${JSON.stringify(version)};`],
    [
      join(ROOT, 'runner/channels/libraries.ts'),
      `import { brotliDecompressSync } from 'node:zlib';
      const packed = '${brotliCompressSync(seldom).toString('base64')}';
      export const libraries = () => {
        const code = brotliDecompressSync(Buffer.from(packed, 'base64')).toString('base64');
        return import('data:text/javascript;base64,' + code);
      };`,
    ],
  ]);
  return {
    name: 'alone',
    resolveId: (name) => (name === 'undici' ? UNDICI : null),
    load: (id) => (id === UNDICI ? AGENT_ONLY : (instead.get(id) ?? null)),
  };
}

/** Gives the folder of the package. */
export async function buildPackage(): Promise<string> {
  const { version, license, description, dependencies } = readManifest();
  const code = await bundle(version);
  if (code.length > MOST_BYTES) {
    throw new Error(
      `the bundled runner has ${code.length} bytes; at most ${MOST_BYTES} are allowed`,
    );
  }
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(OUT, { recursive: true });
  writeFileSync(join(OUT, 'anyup.mjs'), code);
  copyFileSync(join(ROOT, 'bin/npxCommand.mjs'), join(OUT, 'command.mjs'));
  for (const name of FILES) chmodSync(join(OUT, name), 0o755);
  const manifest = {
    name: 'anyup',
    version,
    description: `${description} The runner.`,
    license,
    type: 'module',
    bin: { anyup: 'command.mjs' },
    files: FILES,
    engines: { node: '>=22.12' },
    dependencies: Object.fromEntries(EXTERNAL.map((name) => [name, dependencies[name]])),
  };
  writeFileSync(join(OUT, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  copyFileSync(join(ROOT, 'LICENSE'), join(OUT, 'LICENSE'));
  writeFileSync(
    join(OUT, 'README.md'),
    `# Anyup's runner\n\nProbes what an Anyup assigns, from where it stands.\n\n    npx anyup runner join https://status.example.org <code>\n    npx anyup runner doctor\n\nThe page *Runners* of your Anyup shows the code. Linux or macOS, Node 22.12 or newer.\n`,
  );
  return OUT;
}

if (import.meta.main) {
  const folder = await buildPackage();
  const { size } = statSync(join(folder, 'anyup.mjs'));
  console.log(
    `dist/npm: anyup.mjs with ${Math.round(size / 1024)} KB beside ${EXTERNAL.join(', ')}`,
  );
  console.log('next: npm pack ./dist/npm, or npm publish ./dist/npm');
}
