// The runner process as it is, with a witness beside it: every probe that ended and every reading that reached the disk
// is written down in a journal of the bench's own, which outlives a kill -9.
import { appendFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { canariesHere } from '#runner/canaries/here.ts';
import { readConfig } from '#runner/config.ts';
import { enrol } from '#runner/enrol.ts';
import { loadKey } from '#runner/keys.ts';
import { Runner } from '#runner/loop.ts';
import { lineLog } from '#runner/node/log.ts';
import { nodePlatform } from '#runner/node/platform.ts';
import { capabilities } from '#runner/probes/capabilities.ts';
import { runProbe } from '#runner/probes/index.ts';
import { decodeFrames } from '#runner/spool/frame.ts';
import { decodeRows } from '#runner/spool/row.ts';
import { VERSION } from '#runner/version.ts';

const journal = String(process.env.BENCH_JOURNAL);
const note = (lines: string[]) =>
  appendFileSync(journal, lines.map((line) => `${line}\n`).join(''));

const machine = { hostname: hostname(), cwd: process.cwd() };
const config = readConfig(process.argv.slice(2), process.env, machine);
const log = lineLog(config.logLevel, (line) => process.stderr.write(line));
const platform = nodePlatform({
  folder: config.dataFolder,
  log,
  probe: async (check, context) => {
    const probed = await runProbe(check, context);
    note([`measured ${check.kind}`]);
    return probed;
  },
});
const { append } = platform.disk;
platform.disk.append = async (path, bytes) => {
  await append(path, bytes);
  const rows = decodeFrames(bytes).payloads.flatMap((payload) => decodeRows(payload));
  note(rows.map(({ result }) => `disk ${result.checkId} ${result.at}`));
};
const key = await loadKey(platform);
const identity = await enrol(platform, key, {
  ...config,
  version: VERSION,
  capabilities: await capabilities(config.probesFolder),
});
if (config.canaries !== 'off') platform.canaries = canariesHere(config.canaries, identity.url);
const runner = new Runner(platform, { key, identity, probesFolder: null });
await runner.start();
process.once('SIGTERM', async () => {
  await runner.stop();
  process.exit(0);
});
