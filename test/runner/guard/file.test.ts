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
