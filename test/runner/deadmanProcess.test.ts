// The dead-man as people run it: a runner process, a worker that is killed or stalls, and channels on real sockets.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Child, startNode } from '#test/support/children.ts';
import { type ScriptedServer, serveScripted } from '#test/support/fakes/scripted.ts';
import { type FakeSmtp, MAIL_PASSWORD, MAIL_USER, startSmtp } from '#test/support/fakes/smtp.ts';
import {
  BOT_TOKEN,
  CHAT_ID,
  type FakeTelegram,
  startTelegram,
} from '#test/support/fakes/telegram.ts';
import { FakeWorker } from '#test/support/fakeWorker.ts';
import { until } from '#test/support/until.ts';

/** Waits until something holds. */
const comes = (holds: () => boolean, withinMs = 30_000) =>
  until(async () => holds(), Boolean, withinMs);

const CODE = 'ABCD-EFGH-JKLM-NPQR';
const HOOK_PATH = '/hooks/T0P/sEcReT-pAtH-0123456789';

interface Hooked {
  subject: string;
  text: string;
  mood: string;
  key: string;
  thread: string;
}

let folder: string;
let worker: FakeWorker;
let listening: Awaited<ReturnType<FakeWorker['listen']>>;
let telegram: FakeTelegram;
let smtp: FakeSmtp;
let hook: ScriptedServer;
let runner: Child;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'anyup-deadman-'));
  worker = new FakeWorker(Date.now);
  worker.flushMs = 200;
  worker.codes.add(CODE);
  worker.deadman = { rank: 0, of: 1 };
  listening = await worker.listen();
  [telegram, smtp, hook] = await Promise.all([
    startTelegram(),
    startSmtp(),
    serveScripted(() => ({ status: 200, body: {} })),
  ]);
});

afterEach(async () => {
  await runner?.stop('SIGKILL');
  await Promise.all([listening.close(), telegram.close(), smtp.close(), hook.close()]);
  rmSync(folder, { recursive: true, force: true });
});

function writeFile(deadman: unknown = { channels: ['phone', 'mail', 'hook'], after: '3s' }): void {
  const channels = {
    phone: { kind: 'telegram', token: BOT_TOKEN, chatId: CHAT_ID },
    mail: {
      kind: 'smtp',
      host: '127.0.0.1',
      port: smtp.port,
      security: 'none',
      user: MAIL_USER,
      password: MAIL_PASSWORD,
      from: 'Anyup <status@example.org>',
      to: ['ops@example.org', 'night@example.org'],
    },
    hook: {
      kind: 'webhook',
      url: `${hook.url}${HOOK_PATH}`,
      headers: { 'X-Key': 'key-of-the-hook-42' },
    },
  };
  writeFileSync(join(folder, 'runner.json'), JSON.stringify({ channels, deadman }), {
    mode: 0o600,
  });
}

const SECRETS = [BOT_TOKEN, MAIL_PASSWORD, HOOK_PATH, 'key-of-the-hook-42'];

function run(args: string[] = []): Child {
  return startNode('bin/runner.ts', { TELEGRAM_API_URL: telegram.url }, [
    ...args,
    ...['--data', folder, '--name', 'attic', '--location', 'Home'],
    ...(args.length > 0 ? [] : ['--url', listening.url, '--join', CODE]),
  ]);
}

async function started(): Promise<void> {
  runner = run();
  await comes(() => worker.calls.some(({ path }) => path.endsWith('/results')), 30_000);
  await comes(() => rankOnDisk() === 0, 30_000);
}

function rankOnDisk(): number | null {
  try {
    return JSON.parse(readFileSync(join(folder, 'assignments.json'), 'utf8')).deadman.rank;
  } catch {
    return null;
  }
}

const port = () => Number(new URL(listening.url).port);

async function kill(): Promise<void> {
  await listening.close();
}

async function revive(): Promise<void> {
  listening = await worker.listen(port());
}

/** Something in its place that takes connections and says nothing. */
async function stall(): Promise<() => Promise<void>> {
  await listening.close();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(port(), '127.0.0.1', resolve));
  return async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
}

const hooked = () => hook.calls.map(({ body }) => body as Hooked);

describe('a dead-man', () => {
  it('tells by Telegram, mail and webhook that its worker was killed, once, and that it is back, once', async () => {
    writeFile();
    await started();
    await kill();
    await comes(() => telegram.messages.length + smtp.mails.length + hooked().length >= 3, 60_000);
    expect(telegram.messages[0]?.text).toMatch(
      new RegExp(`^🔴 Anyup at ${listening.url} has not answered for \\d+ s\n`),
    );
    expect(telegram.messages[0]?.text).toContain('What was seen: connection refused.');
    expect(telegram.messages[0]?.text).toContain('Seen by runner attic from here');
    const [mail] = smtp.mails;
    expect(mail).toMatchObject({
      from: 'status@example.org',
      to: ['ops@example.org', 'night@example.org'],
    });
    expect(mail?.raw).toMatch(/^Subject: Anyup at http/m);
    expect(mail?.raw.replaceAll(/\n[ \t]+/g, ' ')).toMatch(
      /^Message-ID: <anyup-deadman-[a-z0-9-]+-down-\d+@example\.org>/m,
    );
    expect(mail?.raw).toContain('text/html');
    expect(hooked()[0]).toMatchObject({ mood: 'down', text: expect.stringContaining('attic') });
    expect(hook.calls[0]?.headers).toMatchObject({
      'x-key': 'key-of-the-hook-42',
      'idempotency-key': hooked()[0]?.key,
    });
    await revive();
    await comes(() => telegram.messages.length + smtp.mails.length + hooked().length >= 6, 60_000);
    expect(telegram.messages.map(({ text }) => text.slice(0, 2))).toEqual(['🔴', '🟢']);
    expect(smtp.mails[1]?.raw).toMatch(/^Subject: Anyup at http.* is back/ms);
    expect(hooked().map(({ mood }) => mood)).toEqual(['down', 'up']);
    expect(new Set(hooked().map(({ thread }) => thread)).size).toBe(1);
    for (const secret of SECRETS) expect(runner.said()).not.toContain(secret);
    expect([telegram.refused, worker.violations]).toEqual([[], []]);
  }, 180_000);

  it('that is killed after the alarm neither repeats it nor forgets the all-clear', async () => {
    writeFile({ channels: ['hook'], after: '3s' });
    await started();
    const end = await stall();
    await comes(() => hooked().length === 1, 60_000);
    expect(hooked()[0]?.text).toContain('no answer within 1 s');
    await runner.says(/told hook/);
    await comes(() => readFileSync(join(folder, 'deadman.json'), 'utf8').includes('"owed":[]'));
    await runner.stop('SIGKILL');
    runner = run();
    await runner.says(/worker http/);
    // Several looks of the second life, which find the worker as dead as before.
    await comes(() => lastedMs() > 8000, 60_000);
    await end();
    await revive();
    await comes(() => hooked().length === 2, 60_000);
    expect(hooked().map(({ mood }) => mood)).toEqual(['down', 'up']);
  }, 180_000);

  it('tries on where a channel takes nothing, and says why without its secrets', async () => {
    writeFile({ channels: ['mail'], after: '3s' });
    smtp.refuse('AUTH', `535 5.7.8 "${MAIL_PASSWORD}" is wrong`, '454 4.7.0 busy');
    await started();
    await kill();
    const refused = await runner.says(/mail took no message: (.*)/, 60_000);
    expect(refused[1]).toMatch(/535.*\[secret:mail-1\]/);
    await comes(() => smtp.mails.length === 1, 60_000);
    for (const secret of SECRETS) expect(runner.said()).not.toContain(secret);
  }, 180_000);
});

function lastedMs(): number {
  return JSON.parse(readFileSync(join(folder, 'deadman.json'), 'utf8')).state.lastedMs;
}

interface Finding {
  name: string;
  grade: string;
  says: string;
}

describe('anyup runner doctor', () => {
  async function examine(args: string[]): Promise<Finding[]> {
    runner = run(['doctor', '--json', ...args]);
    await runner.ended;
    const said = runner.said();
    const { findings } = JSON.parse(said.slice(said.indexOf('{'))) as { findings: Finding[] };
    for (const secret of SECRETS) expect(said).not.toContain(secret);
    return findings.filter(({ name }) => name === 'dead-man' || name === 'own file');
  }

  it('checks what a dead-man is told by, and sends a test message when asked', async () => {
    writeFile();
    smtp.refuse('MAIL', '550 no such sender');
    const found = await examine(['--deadman-test']);
    expect(found.map(({ grade, says }) => `${grade} ${says}`)).toEqual([
      `ok ${join(folder, 'runner.json')}`,
      'ok tells phone, mail, hook when the worker is gone for 3s (its rank is not known yet)',
      'ok phone took a test message (message 1)',
      expect.stringMatching(/^fail mail took no test message: the mail server 127\.0\.0\.1: .*550/),
      'ok hook took a test message (answered 200)',
    ]);
    expect(telegram.messages[0]?.text).toContain('Nothing is wrong.');
    expect(smtp.mails).toEqual([]);
  });

  it('sends nothing unasked, and says where the file is wrong', async () => {
    writeFile({ channels: ['phone', 'pager'] });
    const found = await examine([]);
    expect(found[0]?.grade).toBe('fail');
    expect(found[0]?.says).toContain(
      'deadman.channels.1 is "pager", which is not under "channels"',
    );
    expect([...telegram.calls, ...hook.calls]).toEqual([]);
  });
});
