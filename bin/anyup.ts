// `npm run anyup -- <command>`: works on the same database and settings as the server (cli/).

import { configOf, readSettings, SettingsError } from '#worker/config.ts';
import { COMMANDS, help } from '../cli/commands.ts';
import { readEnvironment } from './environment.ts';
import { addressOf } from './server/address.ts';
import { openDatabase } from './server/database.ts';
import { makeLog } from './server/log.ts';
import { main } from './server/main.ts';
import { processPlatform } from './server/platform.ts';
import { readOrMakeSecrets } from './server/secrets.ts';

const say = (line: string) => console.log(line);

await main(async () => {
  const [name = 'help', ...args] = process.argv.slice(2);
  if (['help', '--help', '-h'].includes(name)) return say(help());
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) throw new SettingsError(`there is no command "${name}"\n${help()}`);
  const { host, port, dataFolder } = readEnvironment(process.env);
  const settings = readSettings({ ...readOrMakeSecrets(dataFolder), ...process.env });
  const db = await openDatabase(settings, dataFolder);
  const url = addressOf(host, port);
  const defaults = { runtime: 'node', flushMs: 1000, cloudflare: false, url } as const;
  const config = await configOf(settings, defaults);
  const log = makeLog(settings.ANYUP_LOG ?? 'warn');
  const platform = processPlatform({ db, config, log, afterDeferred: () => undefined });
  try {
    await command.run(platform, say, args);
    await platform.settle();
  } finally {
    db.$client.close();
  }
});
