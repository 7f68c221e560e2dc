// What a runtime gives the app, made once at the rim (worker/cloudflare.ts, bin, test/support): Hono's Bindings.
import type { Context } from 'hono';
import type { Network } from '#core/net/reach.ts';
import type { Db } from '#db/db.ts';
import type { Outside } from './here/outside.ts';
import type { Live } from './live/live.ts';

/** Settings read once from the environment (worker/config.ts). */
export interface Config {
  /** Public origin, without a trailing slash. */
  url: string;
  /** 32 random bytes; every key is derived from it. Null at the edge until `npm run deploy` made it: /admin answers 503. */
  secret: Uint8Array | null;
  /** The one before it, while it is being replaced. */
  previousSecret: Uint8Array | null;
  /** base64url SHA-256 of the owner's access key; null = not set. */
  accessKeyHash: string | null;
  /** How often runners post, unless settings say otherwise. 1 s standalone, 15 s on a billed database. */
  flushMs: number;
  runtime: 'standalone' | 'edge' | 'node' | 'bun';
  /** Only machines on this one can reach us (listening on loopback). */
  loopbackOnly: boolean;
  /** `CF-Connecting-IP` is to be believed. */
  cloudflare: boolean;
  /** Asked by each minute's tick, so that somebody outside misses us when we are gone; null = nobody. */
  healthcheckUrl: string | null;
  /** Networks that the worker's own looks may reach beside the public internet. */
  workerNetworks: readonly Network[];
  telegramApiUrl: string;
  resendBaseUrl: string;
}

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/** One structured line; never given a secret. */
export type Log = (level: LogLevel, message: string, fields?: Record<string, unknown>) => void;

/** Keeps one text where it outlives this process or isolate, and does not depend on the database. */
export interface LastGood {
  read: () => Promise<string | null>;
  write: (text: string) => Promise<void>;
}

export interface Platform {
  db: Db;
  /** Epoch ms. */
  now: () => number;
  /** `n` random bytes. */
  random: (n: number) => Uint8Array<ArrayBuffer>;
  fetch: typeof fetch;
  /** Work that outlives the answer; errors in it are logged. */
  defer: (work: () => Promise<unknown>) => void;
  config: Config;
  log: Log;
  /** Has the runners of these ids, as far as they are connected, ask at once what is new (docs/decisions/0018). */
  ring?: (runnerIds: readonly number[] | 'all') => void;
  /** Admin pages that hold a line, told of what changes (docs/decisions/0018); absent = they ask by themselves. */
  live?: Live;
  /** How the worker itself looks at targets (docs/decisions/0021); absent = it cannot. */
  outside?: Outside;
  /** A replica that may lag behind: what visitors see is read there, nothing is decided by it (docs/decisions/0019). Absent = `db`. */
  copy?: Db;
  /** For the public page while the database is gone (docs/decisions/0009); absent = memory only. */
  lastGood?: LastGood;
}

/** Who asks, set by the sign-in middleware. */
export interface Actor {
  /** As the audit shows it: "owner", "token deploy-bot", "runner 3". */
  name: string;
  role: 'owner' | 'editor' | 'viewer';
  via: 'session' | 'token' | 'key';
}

export interface Env {
  Bindings: Platform;
  Variables: {
    requestId: string;
    actor: Actor | null;
  };
}

export type AppContext = Context<Env>;
