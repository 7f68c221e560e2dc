// nginx as a TLS server, web or mail, with certificates of a test's own.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findCommand } from '../../bin/test/tools.ts';
import type { Issued } from './certs/authority.ts';
import { quietPort } from './probes/servers.ts';
import { until } from './until.ts';

export interface Site extends Issued {
  staple?: string;
  protocols?: string;
  /** Mail with STARTTLS, rather than HTTPS. */
  mail?: 'smtp' | 'imap' | 'pop3';
}

export interface Nginx<Name extends string> {
  ports: Record<Name, number>;
  stop: () => Promise<void>;
}

/** Each site on a port of its own of 127.0.0.1. */
export async function startNginx<Name extends string>(
  sites: Record<Name, Site>,
): Promise<Nginx<Name>> {
  const folder = mkdtempSync(join(tmpdir(), 'anyup-nginx-'));
  const names = Object.keys(sites) as Name[];
  const ports = {} as Record<Name, number>;
  for (const name of names) ports[name] = await quietPort();
  const servers = (mail: boolean) =>
    names
      .filter((name) => (sites[name].mail !== undefined) === mail)
      .map((name) => server(sites[name], ports[name]));
  const configuration = [
    'load_module /usr/lib/nginx/modules/ngx_mail_module.so;',
    'daemon off; master_process off; worker_processes 1;',
    `pid ${folder}/pid; error_log ${folder}/error.log;`,
    'events { worker_connections 256; }',
    'http {',
    `access_log off; client_body_temp_path ${folder}/a; proxy_temp_path ${folder}/b;`,
    `fastcgi_temp_path ${folder}/c; uwsgi_temp_path ${folder}/d; scgi_temp_path ${folder}/e;`,
    ...servers(false),
    '}',
    'mail { server_name mail.test; auth_http 127.0.0.1:1/; starttls on;',
    ...servers(true),
    '}',
  ].join('\n');
  writeFileSync(join(folder, 'nginx.conf'), configuration);
  const child = spawn(findCommand('nginx') ?? 'nginx', ['-c', `${folder}/nginx.conf`], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  for (const port of Object.values<number>(ports)) await until(() => accepts(port, child), Boolean);
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  return { ports, stop };
}

function server({ certificate, key, staple, protocols, mail }: Site, port: number): string {
  return [
    'server {',
    `listen 127.0.0.1:${port}${mail ? '' : ' ssl'};`,
    `ssl_certificate ${certificate}; ssl_certificate_key ${key};`,
    staple ? `ssl_stapling on; ssl_stapling_file ${staple};` : '',
    `ssl_protocols ${protocols ?? 'TLSv1.2 TLSv1.3'};`,
    mail ? `protocol ${mail};` : 'return 200 "hi";',
    '}',
  ].join(' ');
}

function accepts(port: number, { exitCode }: ChildProcess): Promise<boolean> {
  if (exitCode !== null) throw new Error(`nginx ended with ${exitCode}`);
  return new Promise((done) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('error', () => done(false));
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
  });
}
