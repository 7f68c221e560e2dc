// Real workerd, by `wrangler dev`; and the clock that workerd itself never strikes here.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { answers, end, freePort, startChild } from '../server/child.ts';

const WRANGLER = fileURLToPath(
  new URL('../../node_modules/wrangler/wrangler-dist/cli.js', import.meta.url),
);
const WITH_PARENT = new URL('../server/withParent.mjs', import.meta.url).href;

export interface Workerd {
  /** Fires the cron trigger. */
  cron: () => Promise<void>;
  stop: () => Promise<void>;
}

/** Starts `wrangler dev`; the settings reach the worker by a file in `folder` that only its owner can read. */
export async function startWorkerd(given: {
  folder: string;
  host: string;
  port: number;
  /** Where this machine reaches it. */
  url: string;
  settings: Record<string, string>;
  say: (line: string) => void;
}): Promise<Workerd> {
  const { folder, host, port, url } = given;
  const envFile = join(folder, 'worker.env');
  const lines = Object.entries(given.settings).map(([name, value]) => `${name}="${value}"\n`);
  writeFileSync(envFile, lines.join(''), { mode: 0o600 });
  const args = [
    ...['dev', '--ip', host, '--port', String(port), '--inspector-port', String(await freePort())],
    ...['--env-file', envFile, '--persist-to', join(folder, 'wrangler')],
    ...['--log-level', 'error', '--show-interactive-dev-session=false'],
  ];
  const env = {
    ...process.env,
    CI: '1',
    WRANGLER_SEND_METRICS: 'false',
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  };
  const child = startChild(
    process.execPath,
    ['--no-warnings', '--import', WITH_PARENT, WRANGLER, ...args],
    env,
    (line) => line.trim() && given.say(`workerd: ${line}`),
  );
  try {
    await answers(`${url}/healthz`, child, 30_000);
  } catch (error) {
    await end(child);
    throw error;
  }
  return {
    cron: async () => {
      const answer = await fetch(`${url}/cdn-cgi/handler/scheduled?cron=*+*+*+*+*`);
      if (!answer.ok) given.say(`the cron handler answered ${answer.status}`);
      await answer.body?.cancel();
    },
    stop: () => end(child),
  };
}

/** Fires at once and then every minute, never twice at a time. */
export function strikeEachMinute(
  cron: () => Promise<void>,
  say: (line: string) => void,
): { stop: () => void } {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  async function strike(): Promise<void> {
    const startedAt = Date.now();
    await cron().catch((error: Error) => {
      if (!stopped) say(`cron: ${error.message}`);
    });
    if (stopped) return;
    timer = setTimeout(strike, Math.max(1000, 60_000 - (Date.now() - startedAt)));
  }
  strike();
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
