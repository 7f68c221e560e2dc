// Runs in workerd for the bench only: what a tick does beside judging, over and over, by the very code, against a real
// sqld. workerd's clock stands still while code runs, so the CPU is read from outside, from the process.
import { type Client, createClient } from '@libsql/client/http';
import { dispatch } from '#worker/dispatch.ts';
import { keepHistory } from '#worker/history/history.ts';
import { metered } from '#worker/meter/counter.ts';
import type { Platform } from '#worker/platform.ts';
import { refreshDays } from '#worker/snapshot/days.ts';
import { refreshQuietly } from '#worker/snapshot/refresh.ts';
import { tick } from '#worker/tick/tick.ts';

const ACTS: Record<string, (platform: Platform) => Promise<unknown>> = {
  slice: (platform) => keepHistory(platform, 1),
  snapshot: refreshQuietly,
  days: refreshDays,
  /** As the cron handler does it. */
  tick: async (platform) => {
    await tick(platform);
    await dispatch(platform);
  },
};

interface Call {
  address: string;
  body: string;
}

/** What was last sent to the database, to be sent again by `again` with nothing made of the answer. */
let calls: Call[] = [];

const remembering: typeof fetch = async (input, init) => {
  const request = new Request(input, init);
  calls.push({ address: request.url, body: await request.clone().text() });
  return fetch(request);
};

export default {
  async fetch(request: Request): Promise<Response> {
    const { searchParams } = new URL(request.url);
    const rounds = Number(searchParams.get('n'));
    const what = searchParams.get('what') ?? '';
    if (rounds === 0) return new Response('ready');
    if (what === 'again') {
      for (let round = 0; round < rounds; round++) await again();
      return new Response('done');
    }
    const remember = searchParams.get('remember') === '1';
    if (remember) calls = [];
    const url = searchParams.get('db') ?? '';
    const client = metered(url, (counting) =>
      createClient({ url, concurrency: 1000, fetch: remember ? remembering : counting }),
    );
    let now = Number(searchParams.get('now'));
    const stepMs = Number(searchParams.get('step'));
    const platform = platformOf(client, () => now);
    for (let round = 0; round < rounds; round++) {
      await ACTS[what]?.(platform);
      now += stepMs;
    }
    return new Response('done');
  },
};

async function again(): Promise<void> {
  for (const { address, body } of calls) {
    const headers = { 'content-type': 'application/json' };
    await (await fetch(address, { method: 'POST', headers, body })).arrayBuffer();
  }
}

function platformOf($client: Client, now: () => number): Platform {
  return {
    db: { $client },
    now,
    random: (n) => crypto.getRandomValues(new Uint8Array(n)),
    fetch: (...args) => fetch(...args),
    defer: () => undefined,
    log: () => undefined,
    config: {
      ...{ url: 'http://127.0.0.1', secret: null, previousSecret: null, accessKeyHash: null },
      ...{ flushMs: 15_000, runtime: 'edge', loopbackOnly: false, cloudflare: false },
      ...{ healthcheckUrl: null, telegramApiUrl: '', resendBaseUrl: '', workerNetworks: [] },
    },
  };
}
