// Who may import whom, and that time, chance, the environment and the console stay at the rim (docs/architecture.md).
import { globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';

/** From each top folder to those it may import; packages apart. */
const MAY: Record<string, string[]> = {
  core: [],
  db: ['core'],
  web: ['core'],
  worker: ['core', 'db', 'web'],
  runner: ['core'],
  cli: ['core', 'db', 'web', 'worker', 'runner'],
  bin: ['core', 'db', 'web', 'worker', 'runner', 'cli'],
};

/** The packages of folders that must stay light; the others may use any. */
const PACKAGES: Record<string, RegExp> = {
  core: /^zod$/,
  db: /^(drizzle-orm|@libsql\/client)(\/|$)/,
  web: /^(hono|uplot|zod)(\/|$)/,
};

/** A crossing into one of these is spelled `#folder/…`, so that it is seen. */
const ALIASED = /^(core|db|web|worker|runner)$/;

const PURE = ['core', 'db', 'web', 'worker'];
/** The entry on workerd is a rim itself; islands run in browsers. */
const RIM = /^(worker\/cloudflare\.ts|web\/islands\/)/;
const OUTSIDE =
  /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\b|\bprocess\.|\bconsole\.|\bperformance\.now\(/;
/** A jitter that decides nothing but when to try again. */
const ALLOWED = new Set(['db/write.ts Math.random']);

/** They describe and migrate the database, and are far too heavy for the edge (docs/decisions/0008-bundle.md). */
const DESCRIBES = /^(drizzle-orm(\/|$)|#db\/(schema|migrate)\.ts$|\.\.?\/(schema|migrate)\.ts$)/;
const MAY_DESCRIBE = new Set(['db/schema.ts', 'db/migrate.ts']);

interface Source {
  file: string;
  folder: string;
  text: string;
}

const sources: Source[] = globSync(`{${Object.keys(MAY).join(',')}}/**/*.{ts,tsx}`, {
  exclude: ['web/dist/**'],
}).map((file) => ({
  file,
  folder: file.split('/')[0] as string,
  text: readFileSync(file, 'utf8'),
}));

const STATIC = /^(?:import|export)\s+(?:[\w\s{},*$]+?\s+from\s+)?'([^'\n]+)'/gm;
const TYPES = /^(?:import|export)\s+type\s[^']*'[^'\n]+'/gm;
const DYNAMIC = /\bimport\(\s*'([^'\n]+)'/g;

function importsOf({ text }: Source): string[] {
  const found = [...text.matchAll(STATIC), ...text.matchAll(DYNAMIC)];
  return found.map(([, name]) => name as string);
}

/** What is there when the program runs: types are not. */
function runTimeImportsOf(source: Source): string[] {
  return importsOf({ ...source, text: source.text.replace(TYPES, '') });
}

describe('the house', () => {
  it.each(Object.keys(MAY))('%s imports only what it may', (folder) => {
    const wrong: string[] = [];
    for (const source of sources.filter((each) => each.folder === folder)) {
      for (const name of importsOf(source)) {
        const target = name.startsWith('.') ? posix.join(posix.dirname(source.file), name) : '';
        const other = /^#(\w+)\//.exec(name)?.[1] ?? target.split('/')[0];
        if (other) {
          const visible = !target || other === folder || !ALIASED.test(other);
          const may = other === folder || MAY[folder]?.includes(other) || target === 'package.json';
          if (!visible || !may) wrong.push(`${source.file}: ${name}`);
        } else if (PACKAGES[folder] && !PACKAGES[folder].test(name)) {
          wrong.push(`${source.file}: ${name}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it.each(PURE)('%s runs without the library that describes the database', (folder) => {
    const wrong = sources
      .filter((each) => each.folder === folder && !MAY_DESCRIBE.has(each.file))
      .flatMap((each) => runTimeImportsOf(each).map((name) => ({ file: each.file, name })))
      .filter(({ name }) => DESCRIBES.test(name));
    expect(wrong).toEqual([]);
  });

  it.each(PURE)('%s takes time, chance and output from its caller', (folder) => {
    const wrong: string[] = [];
    for (const { file, text } of sources.filter((each) => each.folder === folder)) {
      if (RIM.test(file)) continue;
      for (const [index, line] of text.split('\n').entries()) {
        const [found] = OUTSIDE.exec(line) ?? [];
        if (found === undefined || /^\s*(\/\/|\*|\/\*)/.test(line)) continue;
        if (!ALLOWED.has(`${file} ${found}`)) wrong.push(`${file}:${index + 1} ${line.trim()}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});
