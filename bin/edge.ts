// `npm run edge`: what runs on Cloudflare and Turso, on this machine. Real workerd, real sqld, cron, and a runner.
import { join } from 'node:path';
import { configOf, readSettings } from '#worker/config.ts';
import { buildAssets } from './assets.ts';
import { readEnvironment } from './environment.ts';
import { addressOf, loopbackAddressOf } from './server/address.ts';
import { lockFolder } from './server/lock.ts';
import { makeLog } from './server/log.ts';
import { main } from './server/main.ts';
import { stopOnSignals } from './server/stopping.ts';

const say = (line: string) => console.log(line);

await main(async () => {
  const environment = readEnvironment(process.env);
  const { host } = environment;
  const given = readSettings(process.env);
  const stopping = stopOnSignals(say);
  const folder = join(environment.dataFolder, 'edge');

  stopping.add(lockFolder(folder));
  say('building the assets …');
  await buildAssets();
  const { readOrMakeSecrets } = await import('./server/secrets.ts');
  const { freePort } = await import('./server/child.ts');
  const { startSqld } = await import('./edge/sqld.ts');
  say('starting sqld …');
  const sqld = await startSqld(folder, say);
  stopping.add(sqld.stop);

  say('migrating …');
  const { openDatabase } = await import('./server/database.ts');
  const db = await openDatabase({ TURSO_DATABASE_URL: sqld.url }, folder);
  stopping.add(() => db.$client.close());

  say('starting workerd …');
  const { startWorkerd, strikeEachMinute } = await import('./edge/workerd.ts');
  const port = environment.port || (await freePort());
  const url = loopbackAddressOf(host, port);
  const publicUrl = given.ANYUP_URL ?? addressOf(host, port);
  const settings = {
    ...readOrMakeSecrets(folder),
    TURSO_DATABASE_URL: sqld.url,
    ANYUP_URL: publicUrl,
    ...passedOn(process.env),
  };
  const workerd = await startWorkerd({ folder, host, port, url, settings, say });
  stopping.add(workerd.stop);
  const cron = strikeEachMinute(workerd.cron, say);
  stopping.add(cron.stop);

  const defaults = { runtime: 'edge', flushMs: 15_000, cloudflare: false, url: publicUrl } as const;
  const config = await configOf(readSettings(settings), defaults);
  const { processPlatform } = await import('./server/platform.ts');
  const log = makeLog(given.ANYUP_LOG ?? 'warn');
  const platform = processPlatform({ db, config, log, afterDeferred: () => undefined });
  const { createSignInLink } = await import('#worker/auth/signIn.ts');
  const link = await createSignInLink(platform);
  say('');
  say(`  Status page   ${publicUrl}/`);
  say(`  Sign in once  ${link.url}`);
  say(`  Your data     ${folder}/`);
  say('  Stop          Ctrl+C');
  say('');

  if (!environment.localRunner) return;
  say('starting a runner …');
  const { startLocalRunner } = await import('./server/localRunner.ts');
  const local = await startLocalRunner(platform, {
    url,
    dataFolder: folder,
    location: 'local',
    say,
  });
  stopping.add(local.stop);
  const runnerId = await local.joined(30_000);
  if (runnerId === null) return say('the runner has not joined yet; what it says above tells why');
  if (environment.examples) {
    const { makeExamples } = await import('./server/examples.ts');
    const made = await makeExamples(platform, { runnerId, url });
    if (made > 0) say(`made ${made} sample hosts, in the group Examples`);
  }
  say('ready; cron strikes each minute');
});

/** Settings of this shell that the worker takes too. */
function passedOn(env: NodeJS.ProcessEnv): Record<string, string> {
  const names = ['ANYUP_LOG', 'TELEGRAM_API_URL', 'RESEND_BASE_URL', 'ANYUP_SECRET_PREVIOUS'];
  return Object.fromEntries(names.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
}
