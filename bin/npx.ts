// The command `anyup` of the npm package (bin/package.ts bundles it): `anyup runner join <url> <code>`, `… start`,
// `… doctor`. Words become the flags that bin/runner.ts takes.

import { fileURLToPath } from 'node:url';
import { beThrifty } from './thrift.ts';

const HELP = `usage: anyup runner <command> [flags]

  join <url> <code>   join the Anyup at <url> and probe for it, until stopped
  start               go on as the runner that joined before
  doctor [--json]     look at what a runner needs of this machine; --deadman-test also sends a test message
  health              whether the runner of this data folder still turns (exit code 0 or 1)

  flags: --name, --location, --data <folder>, --probes <folder of scripts>, --canaries, --log
         (or ANYUP_NAME, ANYUP_LOCATION, ANYUP_DATA, …)`;

/** The arguments for bin/runner.ts; null = help is wanted. */
function runnerArgs([what, verb, ...rest]: readonly string[]): string[] | null {
  if (what !== 'runner') return null;
  if (verb === 'start') return rest;
  if (verb === 'doctor' || verb === 'health') return [verb, ...rest];
  if (verb !== 'join') return null;
  const places = rest.findIndex((each) => each.startsWith('-'));
  const words = places === -1 ? rest : rest.slice(0, places);
  const flags = places === -1 ? [] : rest.slice(places);
  const [url, code, ...more] = words;
  if (more.length > 0) return null;
  return [...(url ? ['--url', url] : []), ...(code ? ['--join', code] : []), ...flags];
}

const args = runnerArgs(process.argv.slice(2));
if (args === null) {
  const asked =
    process.argv.length === 2 || process.argv.some((each) => /^(--help|-h|help)$/.test(each));
  console[asked ? 'log' : 'error'](HELP);
  process.exit(asked ? 0 : 2);
}
// What ends at once need not be small.
if (!['doctor', 'health'].includes(args[0] ?? '')) beThrifty(fileURLToPath(import.meta.url));
process.argv.splice(2, process.argv.length, ...args);
await import('./runner.ts');
