// Programs that tests need beside what npm brings: found, or installed where we may (Debian, as root), or named.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from '../tools/run.ts';

/** A program by its command and the Debian package that holds it. */
interface Tool {
  command: string;
  debian: string;
  why: string;
}

const TOOLS: Tool[] = [
  { command: 'unshare', debian: 'util-linux', why: 'gives probes a network of their own' },
  { command: 'mount', debian: 'mount', why: 'gives that network its own name server' },
];

const FOLDERS = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];

export function findCommand(command: string): string | null {
  return FOLDERS.map((folder) => join(folder, command)).find((path) => existsSync(path)) ?? null;
}

function mayInstall(): boolean {
  return process.getuid?.() === 0 && findCommand('apt-get') !== null;
}

let listed = false;

/** Installs Debian packages; false where that is not possible. */
export async function install(packages: string[], say: (line: string) => void): Promise<boolean> {
  if (!mayInstall()) return false;
  say(`installing ${packages.join(', ')} by apt-get …`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  if (!listed) await run('apt-get', ['update', '-qq'], { env });
  listed = true;
  const args = ['install', '-y', '-qq', '--no-install-recommends', ...packages];
  const { code, output } = await run('apt-get', args, { env });
  if (code !== 0) say(`apt-get ended with ${code}: ${output.trim().split('\n').at(-1) ?? ''}`);
  return code === 0;
}

/** What is still missing after trying, in sentences. */
export async function prepareTools(say: (line: string) => void): Promise<string[]> {
  const absent = TOOLS.filter(({ command }) => findCommand(command) === null);
  if (absent.length > 0)
    await install(
      absent.map(({ debian }) => debian),
      say,
    );
  return absent
    .filter(({ command }) => findCommand(command) === null)
    .map(({ command, debian, why }) => `${command} is missing (package ${debian}): it ${why}`);
}
