// `npm start`: everything in one place. Server, embedded database, and a runner process beside it.
import { relative } from 'node:path';
import { readSettings } from '#worker/config.ts';
import { buildAssets } from './assets.ts';
import { readEnvironment } from './environment.ts';
import { loopbackAddressOf } from './server/address.ts';
import { lockFolder } from './server/lock.ts';
import { makeLog } from './server/log.ts';
import { main } from './server/main.ts';
import { stopOnSignals } from './server/stopping.ts';

const say = (line: string) => console.log(line);

await main(async () => {
  const environment = readEnvironment(process.env);
  const log = makeLog(readSettings(process.env).ANYUP_LOG ?? 'warn');
  const stopping = stopOnSignals(say);
  stopping.add(lockFolder(environment.dataFolder));
  say('Anyup is starting …');
  await buildAssets();
  // Only now: pages import the manifest that was just built.
  const { startServer } = await import('./server/server.ts');
  const { listen } = await import('./server/listen.ts');
  const runtime = 'standalone';
  const server = await startServer({ environment, runtime, log, listen, say });
  stopping.add(server.stop);
  const { platform, port } = server;
  const url = loopbackAddressOf(environment.host, port);
  const { createSignInLink } = await import('#worker/auth/signIn.ts');
  const link = await createSignInLink(platform);

  say('');
  say(`  Status page   ${platform.config.url}/`);
  say(`  Sign in once  ${link.url}`);
  say(`  Your data     ${relative(process.cwd(), environment.dataFolder) || '.'}/`);
  say('  Stop          Ctrl+C');
  say('');

  if (!environment.localRunner) return;
  say('starting the local runner …');
  const { startLocalRunner } = await import('./server/localRunner.ts');
  const { dataFolder } = environment;
  const local = await startLocalRunner(platform, { url, dataFolder, location: 'local', say });
  stopping.add(local.stop);
  const runnerId = await local.joined(30_000);
  if (runnerId === null) {
    say('the local runner has not joined yet; what it says above tells why');
    return;
  }
  if (environment.examples) {
    const { makeExamples } = await import('./server/examples.ts');
    const made = await makeExamples(platform, { runnerId, url });
    if (made > 0) say(`made ${made} sample hosts, in the group Examples`);
  }
  say('ready');
});
