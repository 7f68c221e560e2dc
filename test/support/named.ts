// BIND as the name server of zones that a test writes, over every transport.
import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findCommand } from '../../bin/test/tools.ts';
import type { Issued } from './certs/authority.ts';
import { quietPort } from './probes/servers.ts';

/** By name of a zone its text, as in a zone file. */
export type Zones = Record<string, string>;

export interface Named {
  port: number;
  tlsPort: number;
  httpsPort: number;
  stop: () => Promise<void>;
}

/** On 127.0.0.1: DNS by datagram and connection, within TLS, and over HTTPS (/dns-query, HTTP/2). */
export async function startNamed(zones: Zones, { certificate, key }: Issued): Promise<Named> {
  const folder = mkdtempSync(join(tmpdir(), 'anyup-named-'));
  const [port, tlsPort, httpsPort] = [await quietPort(), await quietPort(), await quietPort()];
  const configuration = `
    tls own { cert-file "${certificate}"; key-file "${key}"; };
    http own { endpoints { "/dns-query"; }; };
    options {
      ${COMMON(folder)}
      listen-on port ${port} { 127.0.0.1; };
      listen-on port ${tlsPort} tls own { 127.0.0.1; };
      listen-on port ${httpsPort} tls own http own { 127.0.0.1; };
    };
    ${zoneClauses(folder, '', zones)}`;
  writeFileSync(join(folder, 'named.conf'), configuration);
  const child = spawn(program(folder), ['-g', '-c', join(folder, 'named.conf')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  await new Promise<void>((ready, fail) => {
    let said = '';
    child.stderr.on('data', (chunk) => {
      said = (said + chunk).slice(-4000);
      if (/ running$/m.test(said)) ready();
    });
    child.once('exit', (code) => fail(new Error(`named ended with ${code}:\n${said}`)));
  });
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  return { port, tlsPort, httpsPort, stop };
}

/** Lines for `probeInOwnNetwork`: a server on port 53 of each address, with zones of its own, as long as the probes run. */
export function namedInNetwork(byAddress: Record<string, Zones>): {
  setup: string[];
  remove: () => void;
} {
  const folder = mkdtempSync(join(tmpdir(), 'anyup-named-'));
  const views = Object.entries(byAddress).map(
    ([address, zones]) => `
    view "${address}" {
      match-destinations { ${address}; };
      ${zoneClauses(folder, address, zones)}
    };`,
  );
  writeFileSync(
    join(folder, 'named.conf'),
    `options { ${COMMON(folder)} listen-on { ${Object.keys(byAddress).join('; ')}; }; };\n${views.join('\n')}`,
  );
  const log = join(folder, 'log');
  const setup = [
    // BIND listens only on addresses that an interface has.
    ...Object.keys(byAddress).map((address) => `ip address replace ${address}/8 dev lo`),
    `${program(folder)} -g -c ${folder}/named.conf >${log} 2>&1 </dev/null &`,
    // The shell becomes the process that probes: with it the server ends.
    `named=$!; (tail --pid=$$ -f /dev/null; kill $named) >/dev/null 2>&1 </dev/null &`,
    `until grep -q ' running$' ${log}; do kill -0 $named || { cat ${log} >&2; exit 1; }; sleep 0.1; done`,
  ];
  return { setup, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

const COMMON = (folder: string) => `
      directory "${folder}"; pid-file none; session-keyfile none; lock-file none;
      listen-on-v6 { none; }; recursion no; dnssec-validation no; notify no;
      querylog no; minimal-responses yes; empty-zones-enable no;`;

function zoneClauses(folder: string, prefix: string, zones: Zones): string {
  return Object.entries(zones)
    .map(([name, text]) => {
      const file = join(folder, `${prefix}-${name}.zone`);
      writeFileSync(file, text);
      return `zone "${name}" { type primary; file "${file}"; };`;
    })
    .join('\n');
}

/** A copy, which AppArmor's rules for the system's name server do not know. */
function program(folder: string): string {
  const copy = join(folder, 'named');
  copyFileSync(findCommand('named') ?? 'named', copy);
  return copy;
}
