import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startNode } from '#test/support/children.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'anyup-start-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function failure(env: Record<string, string>): Promise<string> {
  const child = startNode('bin/standalone.ts', { PORT: '0', ANYUP_DATA: folder, ...env });
  const code = await child.ended;
  expect({ code, said: child.said() }).toMatchObject({ code: 2 });
  expect(child.said()).not.toMatch(/\n\s+at /);
  return child.said();
}

describe('npm start', () => {
  it.each([
    [{ ANYUP_SECRET: 'short' }, 'anyup: ANYUP_SECRET must be 32 bytes in base64'],
    [
      { PORT: 'eighty' },
      'anyup: PORT must be a port from 0 (any free one) to 65535; it is "eighty"',
    ],
    [{ ANYUP_EXAMPLES: 'no' }, 'anyup: ANYUP_EXAMPLES must be 0 or 1; it is "no"'],
    [{ ANYUP_URL: 'status.example.org' }, 'anyup: ANYUP_URL must be an address without a path'],
    [
      { ANYUP_READ_URL: 'http://127.0.0.1:9' },
      'anyup: ANYUP_READ_URL names a replica of the database in TURSO_DATABASE_URL, which is not set',
    ],
    [{ HOST: '192.0.2.1' }, 'anyup: HOST 192.0.2.1 is no address of this machine'],
  ])('with %o says what is wrong and what would be right', async (env, sentence) => {
    expect(await failure(env)).toContain(sentence);
  });

  it('on a port in use says so and names another', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const said = await failure({ PORT: String(port) });
    other.close();
    expect(said).toContain(`port ${port} on 127.0.0.1 is in use by another program`);
    expect(said).toContain(`PORT=${port + 1} npm start`);
  });

  it('with a damaged secrets.json names the file and does not replace it', async () => {
    const file = join(folder, 'secrets.json');
    writeFileSync(file, '{"ANYUP_SECRET":');
    expect(await failure({})).toContain(`anyup: ${file} is not JSON`);
    expect(statSync(file).size).toBe(16);
  });
});
