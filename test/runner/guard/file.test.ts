import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readRunnerFile } from '#runner/guard/file.ts';
import { start } from '#test/support/children.ts';

const folder = mkdtempSync(join(tmpdir(), 'anyup-file-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(content: unknown, mode = 0o600): string {
  const path = join(folder, 'runner.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  chmodSync(path, mode);
  return path;
}

const refusal = async (path: string, isNamed = true) =>
  readRunnerFile(path, isNamed).then(
    () => 'it was taken',
    (error: Error) => error.message.replaceAll(path, 'FILE'),
  );

const secret = { value: 'hush-hush-hush', hosts: ['db.example.org'], kinds: ['http'] };

const hook = {
  kind: 'webhook',
  url: 'https://hooks.example.org/anyup',
  headers: { 'X-Key': 'key-of-the-hook' },
};
const mail = {
  kind: 'smtp',
  host: 'mail.example.org',
  user: 'status',
  password: 'hush-hush-hush',
  from: 'Anyup <status@example.org>',
  to: ['ops@example.org'],
};

describe("the runner's own file", () => {
  it('may be missing where nobody named one', async () => {
    const { from, secrets } = await readRunnerFile(join(folder, 'none.json'), false);
    expect([from, secrets.size]).toEqual([null, 0]);
    expect(await refusal(join(folder, 'none.json'))).toMatch(
      /^ANYUP_RUNNER_FILE names FILE, which cannot be read/,
    );
  });

  it.each([
    [{ network: {} }, 'FILE: Unrecognized key: "network".'],
    [
      { networks: { deny: ['10.0.0/8'] } },
      'FILE: networks.deny.0 is "10.0.0/8"; it must be a network or an address like "10.0.0.0/8" or "2001:db8::7".',
    ],
    [
      { secrets: { a: { ...secret, value: 'brief' } } },
      'FILE: secrets.a.value must have at least 8 characters.',
    ],
    [
      { secrets: { a: { ...secret, hosts: [] } } },
      'FILE: secrets.a.hosts must name at least one host it may be sent to.',
    ],
    [
      { secrets: { a: { ...secret, hosts: ['https://x'] } } },
      'FILE: secrets.a.hosts.0 is "https://x"; it must be a name, an address, "*.example.org" or "script:name".',
    ],
    [
      { secrets: { a: { value: secret.value, kinds: ['ftp'], hosts: ['a'] } } },
      /^FILE: secrets\.a\.kinds\.0 is "ftp"; it must be one of http, /,
    ],
    [
      '{"secrets": {"a": {"value": "hush-hush-hush"',
      'FILE is not JSON; look for a missing comma or quote.',
    ],
  ])(
    'is refused where it is wrong, saying where and what would be right: %j',
    async (content, words) => {
      const told = await refusal(file(content));
      if (words instanceof RegExp) expect(told).toMatch(words);
      else expect(told).toBe(words);
      expect(told).not.toContain(secret.value);
    },
  );

  it('with secrets must be its owner’s alone', async () => {
    const path = file({ secrets: { a: secret } }, 0o640);
    expect(await refusal(path)).toBe(
      "FILE holds secrets and may be read or changed by others; it must be its owner's alone: chmod 600 FILE",
    );
    chmodSync(path, 0o600);
    expect((await readRunnerFile(path, true)).secrets.size).toBe(1);
  });

  it.each([
    [
      { channels: { a: { kind: 'pigeon' } } },
      'FILE: channels.a.kind is "pigeon"; it must be one of telegram, smtp, webhook.',
    ],
    [
      { channels: { a: { ...hook, url: 'hooks.example.org' } } },
      'FILE: channels.a.url must be an address like "https://hooks.example.org/anyup".',
    ],
    [
      { channels: { a: { ...hook, headers: { Host: 'evil' } } } },
      /^FILE: channels\.a\.headers\.Host .*is no header that can be set here/,
    ],
    [
      { channels: { a: { ...mail, password: 'brief' } } },
      'FILE: channels.a.password must have at least 8 characters.',
    ],
    [
      { channels: { a: { ...mail, to: ['ops at example.org'] } } },
      'FILE: channels.a.to.0 must be an e-mail address, not "ops at example.org".',
    ],
    [{ channels: { a: { ...hook, token: 'x' } } }, 'FILE: channels.a Unrecognized key: "token".'],
    [
      { channels: { a: { kind: 'telegram', token: 'x', chatId: 1 } } },
      /^FILE: channels\.a\.token must be a bot token/,
    ],
    [{ channels: { 'a b': hook } }, /is no name for a channel/],
    [
      { channels: { a: hook }, deadman: { channels: ['b'] } },
      'FILE: deadman.channels.0 is "b", which is not under "channels".',
    ],
    [
      { channels: { a: hook }, deadman: { channels: [] } },
      'FILE: deadman.channels must name at least one of "channels".',
    ],
    [
      { channels: { a: hook }, deadman: { channels: ['a'], after: 'soon' } },
      /^FILE: deadman\.after "soon" is not a duration/,
    ],
    [
      { channels: { a: hook }, relay: ['constructor'] },
      'FILE: relay.0 is "constructor", which is not under "channels".',
    ],
  ])('says what is wrong with its channels: %j', async (content, words) => {
    const told = await refusal(file(content));
    if (words instanceof RegExp) expect(told).toMatch(words);
    else expect(told).toBe(words);
    expect(told).not.toContain('key-of-the-hook');
  });

  it('with channels must be its owner’s alone, and then says who may use them for what', async () => {
    const content = { channels: { a: hook, b: mail }, deadman: { channels: ['a'] }, relay: ['b'] };
    expect(await refusal(file(content, 0o644))).toMatch(/chmod 600/);
    const { channels, deadman, relay } = await readRunnerFile(file(content), true);
    expect(channels.size).toBe(2);
    expect([deadman, relay]).toEqual([{ channels: ['a'], afterMs: 180_000 }, ['b']]);
  });

  it('that anybody may change is refused even without secrets', async () => {
    expect(await refusal(file({ networks: { deny: ['10.0.0.0/8'] } }, 0o666))).toMatch(
      /changed by anybody/,
    );
  });

  it('keeps a runner from starting when it is wrong, with exit code 2', async () => {
    const path = file({ secrets: { a: secret } }, 0o644);
    const child = start(process.execPath, ['bin/runner.ts'], {
      ANYUP_URL: 'http://127.0.0.1:9',
      ANYUP_DATA: folder,
      ANYUP_RUNNER_FILE: path,
    });
    expect(await child.ended).toBe(2);
    expect(child.said()).toContain('chmod 600');
    expect(child.said()).not.toContain(secret.value);
  });
});
