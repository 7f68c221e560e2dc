// A bare workerd with one worker of ours in it, and the CPU it has used.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { bundle } from '../../bin/bundle.ts';

/** The program itself: a wrapper around it would be measured, and killed, in its place. */
const WORKERD = createRequire(import.meta.url)('workerd').default as string;
/** The kernel counts CPU in hundredths of a second. */
const TICK_MS = 10;

/** Bundles an entry as the edge is bundled and serves it; the caller ends the process. */
export async function startWorkerd(
  entry: string,
  folder: string,
  port: number,
): Promise<ChildProcess> {
  const files = await bundle(entry);
  for (const { fileName, code } of files) writeFileSync(join(folder, fileName), code);
  const modules = files.map(
    ({ fileName: name }) => `(name = "${name}", esModule = embed "${name}")`,
  );
  writeFileSync(
    join(folder, 'config.capnp'),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (modules = [${modules.join(', ')}],
      compatibilityDate = "2026-10-23", globalOutbound = "net")),
    (name = "net", network = (allow = ["local", "private", "public"]))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]);
`,
  );
  const child = spawn(WORKERD, ['serve', join(folder, 'config.capnp')], { stdio: 'inherit' });
  for (let attempt = 0; attempt < 100; attempt++) {
    const answer = await fetch(`http://127.0.0.1:${port}/?n=0&db=http://127.0.0.1:1`).catch(
      () => null,
    );
    if (answer) return child;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill();
  throw new Error('workerd does not answer');
}

/** User and system time of the process so far. */
export function cpuMsOf({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** Of the thread that runs the isolate and its sockets, so far; those that compile and collect garbage are left out. */
export function threadMsOf({ pid }: ChildProcess): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
}
