import { describe, expect, it } from 'vitest';
import { readConfig, SettingError } from '#runner/config.ts';

const machine = { hostname: 'attic', cwd: '/srv/anyup' };

function refusal(args: string[], env: Record<string, string> = {}): string {
  try {
    readConfig(args, env, machine);
  } catch (error) {
    if (error instanceof SettingError) return error.message;
    throw error;
  }
  throw new Error('it was taken');
}

describe("the runner's settings", () => {
  it('stand on their own feet: name, folder and log level have defaults', () => {
    expect(readConfig([], {}, machine)).toEqual({
      url: null,
      join: null,
      name: 'attic',
      location: null,
      dataFolder: '/srv/anyup/data/runner-attic',
      probesFolder: null,
      runnerFile: { path: '/srv/anyup/data/runner-attic/runner.json', isNamed: false },
      host: false,
      permits: { env: [], users: [], files: [], remoteScripts: null, wigo: null },
      canaries: null,
      rotateKey: false,
      logLevel: 'info',
      telegramApiUrl: null,
    });
  });

  it('come from the environment, and flags go over it', () => {
    const env = {
      ANYUP_URL: 'https://status.example.org/',
      ANYUP_NAME: 'Büro 1',
      ANYUP_LOCATION: 'Office',
      ANYUP_LOG: 'debug',
    };
    const args = ['--join', 'ABCD-EFGH-JKLM-NPQR', '--name', 'Keller / 2', '--log', ''];
    expect(readConfig(args, env, machine)).toMatchObject({
      url: 'https://status.example.org',
      join: 'ABCD-EFGH-JKLM-NPQR',
      name: 'Keller / 2',
      location: 'Office',
      dataFolder: '/srv/anyup/data/runner-keller-2',
      logLevel: 'info',
    });
  });

  it('say what the owner of the machine lets checks do on it', () => {
    const env = { ANYUP_HOST: '1', ANYUP_SCRIPT_ENV: 'PGHOST, PGUSER', ANYUP_DATA: '/data' };
    const args = ['--wigo-probes', 'probes', '--files', '/var/log', '--allow-remote-scripts'];
    expect(readConfig(args, env, machine)).toMatchObject({
      host: true,
      permits: {
        env: ['PGHOST', 'PGUSER'],
        users: [],
        files: ['/var/log'],
        remoteScripts: '/data/scripts',
        wigo: { folder: '/srv/anyup/probes', configRoot: '/etc/wigo/conf.d' },
      },
    });
  });

  it('count relative folders from where the command was typed', () => {
    const env = { ANYUP_CALLER_CWD: '/home/ada', ANYUP_DATA: 'state', ANYUP_PROBES: '/opt/probes' };
    expect(readConfig(['--probes', './mine'], env, machine)).toMatchObject({
      dataFolder: '/home/ada/state',
      probesFolder: '/home/ada/mine',
      canaries: null,
      rotateKey: false,
    });
  });

  it.each([
    [
      ['--url', 'status.example.org'],
      {},
      'ANYUP_URL (or --url) is "status.example.org"; it must be an address like "https://status.example.org".',
    ],
    [
      [],
      { ANYUP_URL: 'https://a.example/?x=1' },
      'ANYUP_URL (or --url) is "https://a.example/?x=1"; it must be an address like "https://status.example.org".',
    ],
    [
      ['--join', 'short'],
      {},
      'ANYUP_JOIN (or --join) must be a join code of 16 characters or more, as the page "Runners" shows it.',
    ],
    [
      ['--name', 'x'.repeat(65)],
      {},
      `ANYUP_NAME (or --name) is "${'x'.repeat(60)}"; it must be at most 64 characters.`,
    ],
    [
      [],
      { ANYUP_LOG: 'loud' },
      'ANYUP_LOG (or --log) is "loud"; it must be one of error, warn, info, debug.',
    ],
    [[], { ANYUP_HOST: 'yes' }, 'ANYUP_HOST (or --host) is "yes"; it must be 0 or 1.'],
    [
      ['--files', 'var/log'],
      {},
      'ANYUP_FILES (or --files) is "var/log"; it must be absolute folders like "/var/log,/var/backups".',
    ],
    [
      ['--bogus'],
      {},
      "Unknown option '--bogus'. The flags are --url, --join, --name, --location, --data, --probes, --runner-file, --wigo-probes, --script-env, --script-users, --files, --canaries, --log, each with a value, and --host, --allow-remote-scripts, --rotate-key.",
    ],
    [
      ['--url'],
      {},
      "Option '--url <value>' argument missing. The flags are --url, --join, --name, --location, --data, --probes, --runner-file, --wigo-probes, --script-env, --script-users, --files, --canaries, --log, each with a value, and --host, --allow-remote-scripts, --rotate-key.",
    ],
  ] as const)('say what is wrong with %j %j', (args, env, sentence) => {
    expect(refusal([...args], { ...env })).toBe(sentence);
  });

  it('never show a join code in a refusal', () => {
    expect(refusal(['--join', 'abc/def/ghi/jkl/mno'])).not.toContain('abc');
  });
});
