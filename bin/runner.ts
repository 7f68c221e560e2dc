// A runner process: reads its settings, joins if it has not yet, and probes until it is told to stop.
// Exit codes: 0 stopped, 2 a setting is wrong, 3 the worker does not take this runner.
import { hostname } from 'node:os';
import { showLife } from '#runner/alive.ts';
import { lookAt } from '#runner/announce/look.ts';
import { canariesHere } from '#runner/canaries/here.ts';
import { type RunnerConfig, readConfig, SettingError } from '#runner/config.ts';
import { EnrolmentError, enrol } from '#runner/enrol.ts';
import { readRunnerFile } from '#runner/guard/file.ts';
import { guarded } from '#runner/guard/guarded.ts';
import { DataError, loadKey } from '#runner/keys.ts';
import { Runner } from '#runner/loop.ts';
import { lineLog } from '#runner/node/log.ts';
import { nodePlatform } from '#runner/node/platform.ts';
import { giveBackMemory } from '#runner/node/trim.ts';
import { capabilities } from '#runner/probes/capabilities.ts';
import { runProbe } from '#runner/probes/index.ts';
import { rotateKey } from '#runner/rotate.ts';
import { VERSION } from '#runner/version.ts';

async function main(config: RunnerConfig): Promise<void> {
  const log = lineLog(config.logLevel, (line) => process.stderr.write(line));
  const guard = await readRunnerFile(config.runnerFile.path, config.runnerFile.isNamed);
  if (guard.from !== null) {
    const { secrets, channels, from } = guard;
    const also = channels.size > 0 ? `, ${channels.size} channels` : '';
    log('info', `own file ${from} (${secrets.size} secrets${also})`);
  }
  const { canaries, permits } = config;
  const platform = nodePlatform({
    folder: config.dataFolder,
    probe: guarded((check, context) => runProbe(check, { ...context, permits }), guard),
    log,
  });
  const stopping = new Promise<string>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      process.once(signal, () => resolve(signal));
    }
  });

  const key = await loadKey(platform);
  const can = await capabilities(config.probesFolder);
  const joining = enrol(platform, key, {
    ...config,
    version: VERSION,
    capabilities: can,
  });
  const identity = await Promise.race([joining, stopping]);
  if (typeof identity === 'string') return;

  log('info', `runner "${identity.name}" in ${identity.location || 'no location yet'}`);
  if (config.rotateKey) {
    await rotateKey(platform, key, identity);
    log('info', 'the key is replaced; the old one opens nothing any more');
    return;
  }
  log('info', `worker ${identity.url} · data ${config.dataFolder}`);
  log('info', `ICMP by ${can.icmp ?? `no way: ${can.icmpReason ?? 'unknown'}`}`);
  const scripts = `${config.probesFolder} (${can.scripts.length} found)`;
  log(
    'info',
    `scripts ${config.probesFolder === null ? 'none (ANYUP_PROBES is not set)' : scripts}`,
  );

  if (guard.evidence.route) {
    const { routeTo } = await import('#runner/icmp/route.ts');
    platform.route = async (address) =>
      guard.networks.refusal(address) === null ? routeTo(address) : null;
  }
  if (canaries !== 'off') platform.canaries = canariesHere(canaries, identity.url);
  const look = lookAt(config, (line) => log('warn', line));
  const { probesFolder, telegramApiUrl } = config;
  const { channels, deadman: settings, relay: names } = guard;
  const runner = new Runner(platform, {
    key,
    identity,
    probesFolder,
    ...(look && { look }),
    ...(settings && { deadman: { settings, channels, telegramApiUrl } }),
    relay: { names, channels, telegramApiUrl },
  });
  await runner.start();
  giveBackMemory();
  const stopShowing = showLife({ ...platform, setTimer: runner.patiently });
  log('info', `${await stopping}: stopping`);
  stopShowing();
  await runner.stop();
}

/** The exit code for what ended the runner; what is nobody's mistake but ours flies on. */
function exitCode(error: unknown): number {
  const codes = [
    [SettingError, 2],
    [DataError, 2],
    [EnrolmentError, 3],
  ] as const;
  const [, code] = codes.find(([kind]) => error instanceof kind) ?? [];
  if (code === undefined) throw error;
  process.stderr.write(`anyup runner: ${(error as Error).message}\n`);
  return code;
}

try {
  const machine = { hostname: hostname(), cwd: process.cwd() };
  const [first, ...rest] = process.argv.slice(2);
  if (first === 'doctor') {
    const { doctor } = await import('./doctor.ts');
    process.exit(await doctor(rest, machine));
  }
  if (first === 'health') {
    const { health } = await import('./health.ts');
    process.exit(await health(rest, machine));
  }
  await main(readConfig(process.argv.slice(2), process.env, machine));
  process.exit(0);
} catch (error) {
  process.exit(exitCode(error));
}
