// A whole Anyup server in one process, whatever it listens with: database, app, clockwork.
import { join } from 'node:path';
import { configOf, isBilled, readSettings } from '#worker/config.ts';
import { LiveInProcess } from '#worker/live/inProcess.ts';
import type { Config, Log, Platform } from '#worker/platform.ts';
import type { Environment } from '../environment.ts';
import { addressOf } from './address.ts';
import { Bell } from './bell.ts';
import { startClockwork } from './clockwork.ts';
import { openCopy } from './copy.ts';
import { copyInFile } from './copyInFile.ts';
import { databaseFile, openDatabase } from './database.ts';
import { frontOf } from './front.ts';
import type { Handler, Listening } from './listen.ts';
import { processPlatform } from './platform.ts';
import { readOrMakeSecrets } from './secrets.ts';
import { closedDatabase, openOrWait } from './waiting.ts';
import { watchOthers } from './watchOthers.ts';

export interface Server {
  platform: Platform;
  port: number;
  stop: () => Promise<void>;
}

export interface ServerParts {
  environment: Environment;
  runtime: Config['runtime'];
  log: Log;
  listen: (host: string, port: number, handler: Handler, bell: Bell) => Promise<Listening>;
  say: (line: string) => void;
}

const QUICK = { flushMs: 1000, tickMs: 5000 };
/** Where every row written is counted. */
const SPARING = { flushMs: 15_000, tickMs: 60_000 };

/** Opens, migrates, listens and starts the clockwork. Secrets not in the environment are kept in the data folder. */
export async function startServer(parts: ServerParts): Promise<Server> {
  const { environment, runtime, log, say } = parts;
  const { host, dataFolder } = environment;
  const settings = readSettings({ ...readOrMakeSecrets(dataFolder), ...process.env });
  const pace = isBilled(settings) ? SPARING : QUICK;
  const live = new LiveInProcess();
  const bell = new Bell({ shared: settings.TURSO_DATABASE_URL !== undefined });
  let handler: Handler = () => new Response('starting', { status: 503 });
  const listening = await parts.listen(host, environment.port, (request) => handler(request), bell);
  try {
    say('opening the database …');
    const url = addressOf(host, listening.port);
    const { flushMs, tickMs } = pace;
    const defaults = { runtime, flushMs, cloudflare: false, url };
    const config = await configOf(settings, defaults);
    const copyFile = join(dataFolder, 'snapshot.json');
    const common = { config, log, lastGood: copyInFile(copyFile) };
    const db = await openOrWait({
      open: () => openDatabase(settings, dataFolder),
      file: settings.TURSO_DATABASE_URL === undefined ? databaseFile(dataFolder) : null,
      copyFile,
      serveCopy: () => {
        const db = closedDatabase();
        handler = frontOf(processPlatform({ ...common, db, afterDeferred: () => undefined }));
      },
      say,
    });
    const copy = environment.readUrl
      ? openCopy(environment.readUrl, { authToken: settings.TURSO_AUTH_TOKEN, db, log })
      : undefined;
    const platform = processPlatform({
      ...common,
      db,
      ...(copy && { copy }),
      ring: (ids) => bell.ring(ids),
      live,
      afterDeferred: () => clockwork.nudge(),
    });
    bell.open(platform);
    if (settings.TURSO_DATABASE_URL !== undefined) watchOthers(platform, live);
    const clockwork = startClockwork(platform, tickMs);
    handler = frontOf(platform);
    const stop = async () => {
      bell.stop();
      live.stop();
      await listening.stop();
      await clockwork.stop();
      await platform.settle();
      copy?.$client.close();
      db.$client.close();
    };
    return { platform, port: listening.port, stop };
  } catch (error) {
    await listening.stop();
    throw error;
  }
}
