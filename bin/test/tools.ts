// Programs that tests need beside what npm brings: found, or installed where we may (Debian, as root), or named.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from '../tools/run.ts';

/** A program by its command (or a file by its whole path) and the Debian package that holds it. */
interface Tool {
  command: string;
  debian: string;
  why: string;
}

const TOOLS: Tool[] = [
  { command: 'unshare', debian: 'util-linux', why: 'gives probes a network of their own' },
  { command: 'mount', debian: 'mount', why: 'gives that network its own name server' },
  { command: 'fping', debian: 'fping', why: 'is what pings where the runner itself may not' },
  { command: 'ping', debian: 'iputils-ping', why: 'does so where there is no fping' },
  { command: 'openssl', debian: 'openssl', why: 'makes certificates and OCSP responses' },
  { command: 'nginx', debian: 'nginx', why: 'shows them to the TLS probes' },
  {
    command: '/usr/lib/nginx/modules/ngx_mail_module.so',
    debian: 'libnginx-mod-mail',
    why: 'speaks STARTTLS to them',
  },
  { command: 'ip', debian: 'iproute2', why: 'gives name servers addresses in that network' },
  { command: 'named', debian: 'bind9', why: 'answers the DNS probes' },
];

const FOLDERS = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];

export function findCommand(command: string): string | null {
  if (command.startsWith('/')) return existsSync(command) ? command : null;
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
  // No service is started where init is not systemd: a test starts what it needs itself.
  const env = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
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
