import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runProbe } from '#runner/probes/index.ts';
import { type Scripts, scriptFolder } from '#test/support/probes/scripts.ts';

let scripts: Scripts;

beforeEach(() => {
  scripts = scriptFolder();
});

afterEach(() => scripts.remove());

/** Runs a shell script under a protocol. */
function probe(protocol: string, body: string, name = 'probe') {
  scripts.add(name, body);
  const config = { kind: 'script', target: `script:${name}`, protocol };
  return runProbe(config, { timeoutMs: 5000, probesFolder: scripts.folder });
}

describe('vigil', () => {
  test.each([
    [0, 100, 'ok', 'all fine'],
    [1, 250, 'script.status', 'all fine'],
    [2, 500, 'script.status', 'all fine'],
    [77, 500, 'script.status', 'all fine'],
  ])('exit %i is level %i', async (exit, level, code, text) => {
    const probed = await probe('vigil', `echo all fine; echo more; echo noise >&2; exit ${exit}`);
    expect(probed).toMatchObject({ level, code, text, detail: 'more\nnoise' });
    expect(probed.rttUs).toBeGreaterThan(0);
  });

  test('a script that says nothing but fails is told by its exit status', async () => {
    expect(await probe('vigil', 'exit 3')).toMatchObject({ level: 500, text: 'exit status 3' });
    expect(await probe('vigil', 'echo why >&2; exit 3')).toMatchObject({ text: 'why' });
  });
});

describe("a report of Wigo's under vigil", () => {
  const saying = /of which only the exit code counts: choose the protocol wigo/;

  test.each([
    ['{"Version":"0.10","Status":500,"Message":"disk full"}'],
    ['{"Status": 100}'],
    ['{"status":100,"message":"fine","version":"1"}'],
  ])('is up by its exit code, and says what to do: %s', async (report) => {
    const probed = await probe('vigil', `echo '${report}'`);
    expect(probed).toMatchObject({ level: 150, code: 'script.output', detail: report });
    expect(probed.text).toMatch(saying);
  });

  test.each([
    ['{"status":200}'],
    ['{"status":200,"message":"OK"}'],
    ['{"status":"ok","message":"fine"}'],
    ['[{"status":100,"message":"fine"}]'],
  ])('is not seen in what others print: %s', async (printed) => {
    expect(await probe('vigil', `echo '${printed}'`)).toMatchObject({ level: 100, text: printed });
  });

  test('that fails is told by its exit code', async () => {
    const probed = await probe('vigil', `echo '{"Status":500,"Message":"full"}'; exit 2`);
    expect(probed).toMatchObject({ level: 500, code: 'script.status' });
  });
});

describe('wigo', () => {
  const prints = (report: unknown, rest = '') =>
    `cat <<'END'\n${JSON.stringify(report)}\nEND\n${rest}`;

  test('the whole report is read, in whatever case, with noise on stderr beside it', async () => {
    const report = {
      Version: '0.10',
      status: 250,
      MESSAGE: '93% on /',
      Detail: { '/dev/vda': { Used: '9G' } },
      Metrics: [
        { Tags: { Partition: '/dev/vda' }, Value: '93' },
        { Name: 'load', Value: 0.5, Unit: 'x' },
        { Value: 'none' },
      ],
    };
    const probed = await probe('wigo', prints(report, 'echo warning: old perl >&2'));
    expect(probed).toMatchObject({
      level: 250,
      code: 'script.status',
      text: '93% on /',
      metrics: [
        { name: 'Partition=/dev/vda', value: 93 },
        { name: 'load', value: 0.5, unit: 'x' },
      ],
    });
    expect(probed.detail).toContain('"Used": "9G"');
    expect(probed.detail).toContain('version 0.10\nwarning: old perl');
  });

  test('info levels are up', async () => {
    expect(await probe('wigo', prints({ Status: 199 }))).toMatchObject({ level: 199, code: 'ok' });
  });

  test.each([
    [0, '0'],
    [99, '99'],
    [1000, '1000'],
    [250.5, '250.5'],
    ['250', '"250"'],
    [null, 'null'],
  ])('a Status of %j is level 500 with that reason', async (status, shown) => {
    expect(await probe('wigo', prints({ Status: status }))).toMatchObject({
      level: 500,
      code: 'script.output',
      text: `Status is ${shown}; it must be an integer from 100 to 999`,
    });
  });

  test.each([
    ['no JSON', 'echo all fine'],
    ['a list', 'echo "[1]"'],
    ['two objects', prints({ Status: 100 }, 'echo "{}"')],
    ['nothing', ':'],
  ])('%s is level 500', async (_, body) => {
    expect(await probe('wigo', body)).toMatchObject({
      level: 500,
      code: 'script.output',
      text: 'it did not print one JSON object',
    });
  });

  test('more than 64 KiB is level 500 and says so', async () => {
    const body = `printf '{"Status":100,"Message":"'; head -c 70000 /dev/zero | tr '\\0' x; echo '"}'`;
    expect(await probe('wigo', body)).toMatchObject({
      level: 500,
      code: 'script.output',
      text: 'it printed more than 64 KiB',
    });
  });

  test('a script that crashed is level 500, whatever it printed before', async () => {
    const probed = await probe(
      'wigo',
      prints({ Status: 100 }, 'echo "died at line 3" >&2; exit 255'),
    );
    expect(probed).toMatchObject({ level: 500, code: 'script.exit' });
    expect(probed.text).toBe('exit status 255: died at line 3');
  });

  test.each([12, 13])('after exit %i it is left alone until the runner restarts', async (exit) => {
    const runs = join(scripts.folder, 'runs');
    const body = `echo x >>${runs}; echo '{"Status":100}'; exit ${exit}`;
    const first = await probe('wigo', body);
    const second = await probe('wigo', body);
    for (const probed of [first, second]) {
      expect(probed).toMatchObject({ level: null, code: 'unable.paused' });
      expect(probed.text).toContain(`exited ${exit}`);
    }
    expect(readFileSync(runs, 'utf8')).toBe('x\n');
  });
});

describe('nagios', () => {
  test.each([
    [0, 100, 'ok'],
    [1, 250, 'script.status'],
    [2, 500, 'script.status'],
    [3, null, 'unable.probe'],
    [4, 500, 'script.exit'],
  ])('exit %i is level %j', async (exit, level, code) => {
    const probed = await probe('nagios', `echo "DISK: 93% | '/ used'=93%;80;90"; exit ${exit}`);
    expect(probed).toMatchObject({ level, code, text: 'DISK: 93%' });
    expect(probed.metrics).toEqual([{ name: '/ used', value: 93, unit: '%' }]);
  });

  test('performance data of all lines are read with their units', async () => {
    const output = [
      "DISK OK - fine | /=2643MB;5948;5958;0;5968 'it''s'=0,5s",
      '/ 15272 MB (77%);',
      '/boot 68 MB (69%); | /boot=68MB;88;93;0;98',
      'broken count=U;; temp=-3.5e1C c=7c',
    ];
    const probed = await probe('nagios', `cat <<'END'\n${output.join('\n')}\nEND`);
    expect(probed.text).toBe('DISK OK - fine');
    expect(probed.metrics).toEqual([
      { name: '/', value: 2643, unit: 'MB' },
      { name: "it's", value: 0.5, unit: 's' },
      { name: '/boot', value: 68, unit: 'MB' },
      { name: 'temp', value: -35, unit: 'C' },
      { name: 'c', value: 7, unit: 'c' },
    ]);
    expect(probed.detail).toBe('/ 15272 MB (77%);\n/boot 68 MB (69%);');
  });
});

describe('what a run proposes', () => {
  test.each([
    ['vigil', 'wigo', `echo '{"Status":250}'`],
    ['vigil', 'nagios', 'echo "DISK OK - fine | x=1"; exit 0'],
    ['vigil', 'nagios', 'echo "SSH CRITICAL - refused"; exit 2'],
    ['wigo', 'vigil', 'echo all fine'],
    ['nagios', 'vigil', `echo '{"status":200,"message":"OK"}'`],
    ['wigo', 'vigil', `echo '{"fine":true}'`],
  ])('under %s, it proposes %s for what it printed', async (stored, proposed, body) => {
    expect((await probe(stored, body)).proposes).toEqual({ protocol: proposed });
  });

  test('nothing when the stored protocol is the one it speaks', async () => {
    expect(await probe('wigo', `echo '{"status":100}'`)).not.toHaveProperty('proposes');
  });
});
