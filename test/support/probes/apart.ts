// Servers that go on while a test holds its own event loop, and what a test sees of its own process.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';

/** In a process of its own: what it does with each `socket`, as JavaScript. */
export async function serverApart(behaviour: string): Promise<{ port: number; close: () => void }> {
  const server = `require('node:net').createServer((socket) => { ${behaviour} })
    .listen(0, '127.0.0.1', function () { console.log(this.address().port); })`;
  const child = spawn(process.execPath, ['-e', server], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data');
  return { port: Number(line), close: () => void child.kill() };
}

export function holdEventLoop(ms: number): void {
  for (const from = performance.now(); performance.now() - from < ms; );
}

/** How many this process has open. */
export function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}
