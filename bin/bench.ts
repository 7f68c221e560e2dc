// `npm run bench -- <name> …`: runs bench/<name>.ts and prints what it measured, as ratios within one run.
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

const folder = fileURLToPath(new URL('../bench/', import.meta.url));
const [name = '', ...args] = process.argv.slice(2);
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3));

if (!/^\w+$/.test(name) || !existsSync(`${folder}${name}.ts`)) {
  console.error(`npm run bench -- <name>; there is: ${names.join(', ')}`);
  process.exitCode = 2;
} else {
  const { run } = (await import(pathToFileURL(`${folder}${name}.ts`).href)) as {
    run: (args: string[]) => Promise<void>;
  };
  await run(args);
}
