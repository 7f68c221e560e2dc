// A server for own machines, on Node: app, tick and dispatch, no runner. Start as many as wanted on one sqld or Turso.
import { readSettings } from '#worker/config.ts';
import { buildAssets } from './assets.ts';
import { readEnvironment } from './environment.ts';
import { makeLog } from './server/log.ts';
import { main } from './server/main.ts';
import { stopOnSignals } from './server/stopping.ts';

await main(async () => {
  const environment = readEnvironment(process.env);
  const log = makeLog(readSettings(process.env).ANYUP_LOG ?? 'info');
  const say = (line: string) => log('info', line);
  const stopping = stopOnSignals(say);
  await buildAssets();
  const { startServer } = await import('./server/server.ts');
  const { listen } = await import('./server/listen.ts');
  const server = await startServer({ environment, runtime: 'node', log, listen, say });
  stopping.add(server.stop);
  say(`listening on ${server.platform.config.url}`);
});
