// `npm run check`: everything that can be said about the code without running it.
import { buildAssets } from './assets.ts';
import { type Weight, weighBundle } from './tools/bundle.ts';
import { compareChecksDocs } from './tools/checksDocs.ts';
import { run } from './tools/run.ts';

/** Each gives a note for the line, or throws with what is wrong. */
const STEPS: Array<[name: string, step: () => Promise<string>]> = [
  ['assets', async () => `${Object.keys(await buildAssets()).length} files`],
  ['format and lint', () => tool('biome', ['ci', '--colors=off', '.'])],
  ['types', () => tool('tsc', ['-p', 'tsconfig.json'])],
  ['types at the edge', () => tool('tsc', ['-p', 'tsconfig.edge.json'])],
  ['types in the browser', () => tool('tsc', ['-p', 'web/islands/tsconfig.json'])],
  ['worker bundle', async () => weightWords(await weighBundle())],
  ['docs/checks.md', async () => compareChecksDocs()],
];

function weightWords({ startKb, allKb }: Weight): string {
  return `${startKb} KB gzip to start with, ${allKb} in all`;
}

async function tool(command: string, args: string[]): Promise<string> {
  const { code, output } = await run(command, args);
  if (code !== 0) throw new Error(output.trim());
  return '';
}

let failed = 0;
for (const [name, step] of STEPS) {
  const startedAt = Date.now();
  try {
    const note = await step();
    const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
    console.log(`ok      ${name}${note && `: ${note}`} (${seconds} s)`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}\n${(error as Error).message}\n`);
  }
}
console.log(failed === 0 ? 'all checks passed' : `${failed} of ${STEPS.length} checks failed`);
process.exitCode = failed === 0 ? 0 : 1;
