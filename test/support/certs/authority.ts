// An authority that lives as long as a test: issues, revokes, and answers OCSP, all by openssl.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const DAY_MS = 86_400_000;
const HERE = 'DNS:localhost,DNS:mail.test,IP:127.0.0.1,IP:::1';

export interface Issued {
  certificate: string;
  key: string;
}

export class Authority {
  readonly folder = mkdtempSync(join(tmpdir(), 'anyup-authority-'));
  readonly #issued = new Map<string, Issued>();

  constructor() {
    writeFileSync(this.path('index.txt'), '');
    writeFileSync(this.path('serial'), '1000');
    writeFileSync(
      this.path('ca.cnf'),
      [
        '[ca]',
        'default_ca = test',
        '[test]',
        `database = ${this.path('index.txt')}`,
        `serial = ${this.path('serial')}`,
        `new_certs_dir = ${this.folder}`,
        'default_md = sha256',
        'policy = any',
        'copy_extensions = copy',
        'unique_subject = no',
        '[any]',
        'commonName = supplied',
      ].join('\n'),
    );
    this.#key('ca');
    this.#openssl(
      ...['req', '-new', '-x509', '-key', this.path('ca.key'), '-out', this.certificate],
      ...['-subj', '/CN=Test authority', '-days', '3650'],
      ...['-addext', 'keyUsage=critical,keyCertSign,cRLSign'],
    );
  }

  /** The authority's own certificate, to be trusted. */
  get certificate(): string {
    return this.path('ca.crt');
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Paths of a certificate, valid between two days counted from now; the names are those of this machine. */
  issue(name: string, { from = -30, until = 400, names = HERE, extra = '' } = {}): Issued {
    const issued = { certificate: this.path(`${name}.crt`), key: this.#key(name) };
    const request = this.path(`${name}.csr`);
    this.#openssl(
      ...['req', '-new', '-key', issued.key, '-subj', `/CN=${name}`, '-out', request],
      ...['-addext', `subjectAltName=${names}`],
      ...(extra ? ['-addext', extra] : []),
    );
    this.#openssl(
      ...['ca', '-batch', '-notext', '-config', this.path('ca.cnf'), '-cert', this.certificate],
      ...['-keyfile', this.path('ca.key'), '-in', request, '-out', issued.certificate],
      ...['-startdate', dateOf(from), '-enddate', dateOf(until)],
    );
    this.#issued.set(name, issued);
    return issued;
  }

  selfSigned(name: string): Issued {
    const issued = { certificate: this.path(`${name}.crt`), key: this.#key(name) };
    this.#openssl(
      ...['req', '-new', '-x509', '-key', issued.key, '-out', issued.certificate],
      ...['-subj', `/CN=${name}`, '-days', '400', '-addext', `subjectAltName=${HERE}`],
    );
    return issued;
  }

  revoke(name: string): void {
    this.#openssl(
      ...['ca', '-config', this.path('ca.cnf'), '-cert', this.certificate],
      ...['-keyfile', this.path('ca.key'), '-revoke', this.path(`${name}.crt`)],
    );
  }

  /** Path of an OCSP response about a certificate, good for a week; `signer` is another certificate of this authority. */
  staple(name: string, { signer = 'ca', as = name } = {}): string {
    const path = this.path(`${as}.ocsp`);
    this.#openssl(
      ...['ocsp', '-index', this.path('index.txt'), '-CA', this.certificate],
      ...['-issuer', this.certificate, '-cert', this.path(`${name}.crt`)],
      ...['-rsigner', this.path(`${signer}.crt`), '-rkey', this.path(`${signer}.key`)],
      ...['-ndays', '7', '-respout', path, '-noverify'],
    );
    return path;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #key(name: string): string {
    const path = this.path(`${name}.key`);
    this.#openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', path);
    return path;
  }

  #openssl(...args: string[]): void {
    execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  }
}

function dateOf(days: number): string {
  const at = new Date(Date.now() + days * DAY_MS).toISOString();
  return `${at.slice(0, 19).replaceAll(/[-:T]/g, '')}Z`;
}
