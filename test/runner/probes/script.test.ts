import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { capabilities } from '#runner/probes/capabilities.ts';
import { runProbe } from '#runner/probes/index.ts';
import { type Scripts, scriptFolder } from '#test/support/probes/scripts.ts';

let scripts: Scripts;

beforeEach(() => {
  scripts = scriptFolder();
});

afterEach(() => scripts.remove());

function probe(name: string, fields: Record<string, unknown> = {}, timeoutMs = 5000) {
  const config = { kind: 'script', target: `script:${name}`, ...fields };
  return runProbe(config, { timeoutMs, probesFolder: scripts.folder });
}

function isRunning(pid: number): boolean {
  try {
    // A zombie that nobody reaps in a container still has a process id, but no command line.
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
  } catch {
    return false;
  }
}

test('arguments arrive as they are, seen by no shell', async () => {
  scripts.add('echo-args', 'for a; do printf "<%s>" "$a"; done');
  const { text } = await probe('echo-args', { args: ['$(id)', 'two words', '; exit 2', '*', ''] });
  expect(text).toBe('<$(id)><two words><; exit 2><*><>');
});

test('a script knows its name and its time, and none of the settings of the runner', async () => {
  vi.stubEnv('ANYUP_JOIN', 'secret-code');
  vi.stubEnv('WIGO_PROBE_CONFIG_ROOT', '/etc/wigo/conf.d');
  scripts.add('tell', 'env | sort; pwd');
  const { text, detail } = await probe('tell');
  vi.unstubAllEnvs();
  const said = `${text}\n${detail}`;
  expect(said).toContain('ANYUP_SCRIPT=tell\n');
  expect(said).toMatch(/ANYUP_TIMEOUT_MS=\d{4}\n/);
  expect(said).toContain('WIGO_PROBE_CONFIG_ROOT=/etc/wigo/conf.d\n');
  expect(said).not.toContain('secret-code');
  expect(said).toContain(scripts.folder);
});

test('what runs longer than it may is degraded, and what fails stays what it is', async () => {
  scripts.add('slow', 'sleep 0.05; echo fine');
  scripts.add('bad', 'sleep 0.05; echo broken; exit 2');
  expect(await probe('slow', { degradedAfter: '20ms' })).toMatchObject({
    level: 250,
    code: 'slow',
    text: expect.stringContaining('slower than 20 ms'),
  });
  expect(await probe('slow', { degradedAfter: '1m' })).toMatchObject({ code: 'ok', text: 'fine' });
  expect(await probe('bad', { degradedAfter: '20ms' })).toMatchObject({ text: 'broken' });
});

test('a script that is not there, or no folder at all, leaves the runner unable', async () => {
  expect(await probe('nothing')).toMatchObject({
    level: null,
    code: 'unable.script',
    text: 'there is no "nothing" in the folder of probes',
  });
  const config = { kind: 'script', target: 'script:load' };
  const probed = await runProbe(config, { timeoutMs: 1000, probesFolder: null });
  expect(probed).toMatchObject({ level: null, code: 'unable.script' });
});

test('a link may lead around within the folder, not out of it', async () => {
  const real = scripts.add('real', 'exit 0');
  symlinkSync(real, join(scripts.folder, 'alias'));
  symlinkSync('/bin/true', join(scripts.folder, 'escape'));
  symlinkSync('/', join(scripts.folder, 'root'));
  expect(await probe('alias')).toMatchObject({ code: 'ok' });
  for (const name of ['escape', 'root']) {
    expect(await probe(name)).toMatchObject({
      level: null,
      code: 'unable.script',
      text: `"${name}" leads out of the folder of probes`,
    });
  }
});

test('what anybody may write to is not run', async () => {
  scripts.add('open', 'exit 0', 0o757);
  expect(await probe('open')).toMatchObject({
    code: 'unable.script',
    text: '"open" is not run: anybody may write to it',
  });
  scripts.add('fine', 'exit 0');
  chmodSync(scripts.folder, 0o777);
  expect(await probe('fine')).toMatchObject({
    code: 'unable.script',
    text: '"fine" is not run: anybody may write to its folder',
  });
});

test('what is no executable file is not run, and only what can be run is offered', async () => {
  scripts.add('plain', 'exit 0', 0o644);
  scripts.add('good', 'exit 0');
  mkdirSync(join(scripts.folder, 'folder'));
  expect(await probe('plain')).toMatchObject({ level: null, code: 'unable.script' });
  expect(await probe('folder')).toMatchObject({ level: null, code: 'unable.script' });
  expect((await capabilities(scripts.folder)).scripts).toEqual(['good']);
});

test('a script whose interpreter is missing leaves the runner unable', async () => {
  const path = scripts.add('odd', '');
  const { writeFileSync } = await import('node:fs');
  writeFileSync(path, '#!/nonexistent/interpreter\n');
  expect(await probe('odd')).toMatchObject({ level: null, code: 'unable.script' });
});

test('out of time, the whole process group is killed, also what ignores being asked', async () => {
  const pids = join(scripts.folder, 'pids');
  scripts.add(
    'stubborn',
    `trap '' TERM
     sh -c 'trap "" TERM; echo $$ >>${pids}; while :; do sleep 1; done' &
     echo $$ >>${pids}
     echo started
     while :; do sleep 1; done`,
  );
  const probed = await probe('stubborn', {}, 500);
  expect(probed).toMatchObject({ level: 500, code: 'script.timeout' });
  expect(probed.detail).toContain('started');
  const group = readFileSync(pids, 'utf8').trim().split('\n').map(Number);
  expect(group).toHaveLength(2);
  await vi.waitFor(() => expect(group.filter(isRunning)).toEqual([]), 5000);
});

test('a child left behind with the output open delays nothing and is ended', async () => {
  const pid = join(scripts.folder, 'pid');
  scripts.add('parent', `sleep 60 & echo $! >${pid}; echo done`);
  const probed = await probe('parent');
  expect(probed).toMatchObject({ level: 100, code: 'ok', text: 'done' });
  const child = Number(readFileSync(pid, 'utf8'));
  await vi.waitFor(() => expect(isRunning(child)).toBe(false), 5000);
});

test('a script may print as much as it likes without being stuck, and little of it is kept', async () => {
  scripts.add(
    'flood',
    'head -c 5000000 /dev/zero | tr "\\0" x; head -c 5000000 /dev/zero >&2; exit 1',
  );
  const probed = await probe('flood');
  expect(probed).toMatchObject({ level: 250, code: 'script.status' });
  expect(probed.detail?.length ?? 0).toBeLessThanOrEqual(4096);
});

test('a script that dies of a signal is down, whatever its protocol', async () => {
  scripts.add('dies', 'echo before; kill -SEGV $$');
  for (const protocol of ['vigil', 'wigo', 'nagios']) {
    const probed = await probe('dies', { protocol });
    expect(probed).toMatchObject({ level: 500, code: 'script.killed', text: 'killed by SIGSEGV' });
  }
});

test('two run at once; a third that gets no turn in time is not blamed on the script', async () => {
  const gate = join(scripts.folder, 'gate');
  const wait = `echo x >>${gate}.$1; while [ ! -e ${gate} ]; do sleep 0.05; done`;
  scripts.add('wait', wait);
  const first = [probe('wait', { args: ['1'] }), probe('wait', { args: ['2'] })];
  await vi.waitFor(
    () => expect(existsSync(`${gate}.1`) && existsSync(`${gate}.2`)).toBe(true),
    5000,
  );
  const third = await probe('wait', { args: ['3'] }, 200);
  expect(third).toMatchObject({ level: null, code: 'unable.resources' });
  expect(existsSync(`${gate}.3`)).toBe(false);

  const fourth = probe('wait', { args: ['4'] });
  scripts.add('gate', '');
  const probed = await Promise.all([...first, fourth]);
  expect(probed.map(({ code }) => code)).toEqual(['ok', 'ok', 'ok']);
});
