import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Child, startNode } from '#test/support/children.ts';
import { samplesAreGreen } from '#test/support/samples.ts';
import { until } from '#test/support/until.ts';

interface Status {
  status: string;
  hosts: Array<{ name: string; status: string; since: string }>;
}

describe('a first start', () => {
  let folder: string;
  let server: Child;
  let url: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'anyup-first-'));
    [server, url] = await start();
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(): Promise<[Child, string]> {
    const child = startNode('bin/standalone.ts', { PORT: '0', ANYUP_DATA: folder });
    const [, address = ''] = await child.says(/Status page\s+(\S+)\//);
    await child.says(/^ready$/m);
    return [child, address];
  }

  async function status(): Promise<Status> {
    return (await (await fetch(`${url}/api/v1/status`)).json()) as Status;
  }

  it('shows sample hosts that turn green by themselves', async () => {
    const { hosts } = await until(status, samplesAreGreen);
    const names = hosts.map(({ name }) => name);
    expect(names).toContain('Anyup, health');
    expect(names).toContain('Anyup, port');
    expect(names).toContain('Load of this machine');
  });

  it('prints a sign-in link, and no secret', async () => {
    expect(server.said()).toMatch(/Sign in once {2}http:\S+\/sign-in#[\w-]{43}/);
    const secrets = JSON.parse(readFileSync(join(folder, 'secrets.json'), 'utf8'));
    for (const secret of Object.values<string>(secrets)) {
      expect(server.said()).not.toContain(secret);
    }
  });

  it('keeps its data to its owner', () => {
    expect(statSync(folder).mode & 0o077).toBe(0);
    expect(statSync(join(folder, 'secrets.json')).mode & 0o777).toBe(0o600);
  });

  it('gives another link while it runs, by "anyup link"', async () => {
    const cli = startNode('bin/anyup.ts', { ANYUP_DATA: folder, ANYUP_URL: url }, ['link']);
    expect(await cli.ended).toBe(0);
    const secret = cli.said().trim().split('#')[1] ?? '';
    const answer = await fetch(`${url}/sign-in`, {
      method: 'POST',
      redirect: 'manual',
      headers: { origin: url },
      body: new URLSearchParams({ link: secret }),
    });
    expect(answer.status).toBe(303);
  });

  it('refuses a second Anyup on the same data', async () => {
    const second = startNode('bin/standalone.ts', { PORT: '0', ANYUP_DATA: folder });
    expect(await second.ended).toBe(2);
    expect(second.said()).toContain(`works in ${folder}; stop it`);
  });

  it('stops cleanly, and knows after a restart what it knew', async () => {
    const before = await status();
    expect(await server.stop('SIGTERM')).toBe(0);
    [server, url] = await start();
    expect(server.said()).not.toContain('sample hosts');
    const after = await until(status, samplesAreGreen);
    const machine = ({ hosts }: Status) => hosts.find(({ name }) => name.startsWith('Load'));
    expect(machine(after)?.since).toBe(machine(before)?.since);
  });
});

describe('anyup', () => {
  it('without a command says what there is', async () => {
    const cli = startNode('bin/anyup.ts', {});
    expect(await cli.ended).toBe(0);
    expect(cli.said()).toMatch(/^ {2}link {4}print a link/m);
  });

  it('names a command it does not know', async () => {
    const cli = startNode('bin/anyup.ts', {}, ['lnik']);
    expect(await cli.ended).toBe(2);
    expect(cli.said()).toContain('there is no command "lnik"');
  });
});

describe("a start with a folder of scripts of one's own", () => {
  it('lets checks name the scripts of that folder, and of no other', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'anyup-scripts-'));
    const scripts = join(folder, 'scripts');
    mkdirSync(scripts);
    writeFileSync(join(scripts, 'mine'), '#!/bin/sh\necho OK\n', { mode: 0o755 });
    const child = startNode('bin/standalone.ts', {
      PORT: '0',
      ANYUP_DATA: join(folder, 'data'),
      ANYUP_PROBES: scripts,
      ANYUP_EXAMPLES: '0',
    });
    await child.says(/^ready$/m);
    expect(await child.says(/scripts (\S+) \(1 found\)/)).toContain(scripts);
    expect(existsSync(join(folder, 'data', 'probes'))).toBe(false);
    await child.stop();
    rmSync(folder, { recursive: true, force: true });
  });
});
