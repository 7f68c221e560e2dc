// Entry on Cloudflare Workers (workerd): what the runtime gives, made into the platform the app knows.
import { createClient } from '@libsql/client/http';
import type { Db } from '#db/db.ts';
import { handleRequest } from './app.ts';
import { bellOf, connect, ring } from './bell/binding.ts';
import { configOf, isLogged, readSettings, SettingsError } from './config.ts';
import { dispatch } from './dispatch.ts';
import { outside } from './here/edge.ts';
import { admit, asksForChannel } from './ingest/admit.ts';
import { liveBy } from './live/edge.ts';
import { metered } from './meter/counter.ts';
import { countRequest } from './meter/usage.ts';
import type { Config, Log, LogLevel, Platform } from './platform.ts';
import { Problem } from './problem.ts';
import { copyInCache } from './snapshot/copyInCache.ts';
import { tick } from './tick/tick.ts';

type Bindings = Record<string, unknown>;

interface Context {
  waitUntil(work: Promise<unknown>): void;
}

/** What one isolate makes once. */
interface Isolate {
  db: Db;
  config: Config;
  log: Log;
}

const FLUSH_MS = 15_000;
/** Above what one isolate ever has under way, so that no request waits in another request's queue. */
const CONCURRENCY = 10_000;
/** How long a cron run and a request's deferred work stay for messages that fall due, so that they need not wait for the next. */
const STAY_MS = 45_000;
const STAY_AFTER_REQUEST_MS = 20_000;
const MOST_ROUNDS = 4;

/** Used where wrangler.toml binds it. */
export { Bell } from './bell/object.ts';

let isolate: Promise<Isolate> | null = null;

export default {
  async fetch(request: Request, env: Bindings, context: Context): Promise<Response> {
    try {
      const platform = await platformOf(env, context);
      const bell = asksForChannel(request) ? bellOf(env) : null;
      if (bell === null) return await handleRequest(request, platform);
      const runnerId = await admit(platform, request);
      return typeof runnerId === 'number' ? await connect(bell, request, runnerId) : runnerId;
    } catch (error) {
      return refuse(error as Error);
    }
  },

  async scheduled(_event: unknown, env: Bindings, context: Context): Promise<void> {
    const platform = await platformOf(env, context);
    // A cron run is billed as a request.
    countRequest(platform);
    await tick(platform);
    await sendWhatIsDue(platform, STAY_MS);
  },
};

async function platformOf(env: Bindings, context: Context): Promise<Platform> {
  isolate ??= makeIsolate(env);
  const made = await isolate.catch((error: unknown) => {
    isolate = null;
    throw error;
  });
  const lastGood = copyInCache(made.config.url);
  const bell = bellOf(env);
  const platform: Platform = {
    ...made,
    ...(lastGood && { lastGood }),
    ...(bell && {
      live: liveBy(bell, (work) =>
        context.waitUntil(work.catch((error: Error) => logError(made.log, error))),
      ),
      ring: (ids) =>
        context.waitUntil(ring(bell, ids).catch((error: Error) => logError(made.log, error))),
    }),
    now: Date.now,
    random: (n) => crypto.getRandomValues(new Uint8Array(n)),
    fetch: (...args) => fetch(...args),
    outside: { ...outside, clockUs: () => Date.now() * 1000 },
    // What is deferred sends messages; one that is held for company is due within the time a request may stay.
    defer: (work) =>
      context.waitUntil(
        work()
          .then(() => sendWhatIsDue(platform, STAY_AFTER_REQUEST_MS))
          .catch((error: Error) => logError(made.log, error)),
      ),
  };
  return platform;
}

async function makeIsolate(env: Bindings): Promise<Isolate> {
  const settings = readSettings(env);
  const { TURSO_DATABASE_URL: url, TURSO_AUTH_TOKEN: authToken } = settings;
  if (url === undefined) {
    throw new SettingsError('TURSO_DATABASE_URL is missing; see docs/operate.md');
  }
  const client = metered(url, (fetch) =>
    createClient({
      url,
      ...(authToken !== undefined && { authToken }),
      concurrency: CONCURRENCY,
      fetch,
    }),
  );
  const config = await configOf(settings, {
    runtime: 'edge',
    flushMs: FLUSH_MS,
    cloudflare: true,
    url: null,
  });
  return { db: { $client: client }, config, log: makeLog(settings.ANYUP_LOG ?? 'info') };
}

async function sendWhatIsDue(platform: Platform, stayMs: number): Promise<void> {
  const leaveAt = platform.now() + stayMs;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const { nextDueAt } = await dispatch(platform);
    if (nextDueAt === null || nextDueAt > leaveAt) return;
    const waitMs = Math.max(250, nextDueAt - platform.now());
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}

/** One JSON object a line: Workers Logs indexes its fields. */
function makeLog(wanted: LogLevel): Log {
  return (level, message, fields) => {
    if (isLogged(level, wanted)) console[level]({ level, message, ...fields });
  };
}

function logError(log: Log, error: Error): void {
  log('error', error.message, { stack: error.stack });
}

/** The platform could not be made. The full sentence goes to the log, only the names of the settings to the caller. */
function refuse(error: Error): Response {
  console.error({ level: 'error', message: error.message });
  if (!(error instanceof SettingsError)) return new Problem('internal').getResponse();
  const names = error.message.match(/^[A-Z_]+/gm)?.join(', ') ?? 'A setting';
  return new Problem('not_configured', {
    detail: `${names}: missing or not right; the log says more.`,
  }).getResponse();
}
