// `npm run simulate -- --seeds 10000 [--from n] [--seed n] [--planted]`: the simulation at length (test/simulation).
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { buildAssets } from './assets.ts';

const RUN = fileURLToPath(new URL('../test/simulation/run.ts', import.meta.url));
await buildAssets();
const args = [...process.execArgv, RUN, ...process.argv.slice(2)];
const child = spawn(process.execPath, args, { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
