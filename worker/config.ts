// Settings from the environment, read once and refused in words a person can act on (DESIGN §8).
import * as z from 'zod';
import { type Network, parseNetwork } from '#core/net/reach.ts';
import { sha256 } from './crypto/hash.ts';
import type { Config, LogLevel } from './platform.ts';

/** Some settings are not right; `message` names each, what it was, and what would be right. Never holds a secret. */
export class SettingsError extends Error {
  readonly code = 'bad_settings';
}

const SECRET_BYTES = 32;

/** Base64 or base64url, padded or not; null when it is neither. */
function decodeBase64(text: string): Uint8Array | null {
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return null;
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, ''));
    return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
  } catch {
    return null;
  }
}

const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional());

const secret = z.string().transform((text, context) => {
  const bytes = decodeBase64(text);
  if (bytes?.length === SECRET_BYTES) return bytes;
  const is = bytes
    ? `${text.length} characters, ${bytes.length} bytes`
    : `${text.length} characters`;
  context.addIssue({
    code: 'custom',
    message: `must be ${SECRET_BYTES} bytes in base64 (openssl rand -base64 32); it is ${is}`,
  });
  return z.NEVER;
});

/** 128 bits are 22 characters of base64url; a generated key of that length never repeats itself as much as a typed one. */
const accessKey = z.string().superRefine((text, context) => {
  const generated = /^[A-Za-z0-9+/_=-]{22,256}$/.test(text) && new Set(text).size >= 10;
  if (generated) return;
  context.addIssue({
    code: 'custom',
    message: `must be a generated key of at least 22 characters out of A-Z a-z 0-9 - _ (openssl rand -hex 16); it is ${text.length} characters${text.length >= 22 ? ', not generated ones' : ''}`,
  });
});

function origin(example: string) {
  return z.string().transform((text, context) => {
    const url = URL.canParse(text) ? new URL(text) : null;
    const web = url?.protocol === 'https:' || url?.protocol === 'http:';
    if (url && web && `${url.origin}/` === url.href) return url.origin;
    const is = url?.username || url?.password ? 'it carries a user name' : `it is "${text}"`;
    context.addIssue({
      code: 'custom',
      message: `must be an address without a path, like ${example}; ${is}`,
    });
    return z.NEVER;
  });
}

const base = z.url({
  protocol: /^https?$/,
  error: ({ input }) => `must be an http(s) address; it is "${input}"`,
});

/** "10.0.0.0/8, 192.0.2.7" */
const networks = z.string().transform((text, context): Network[] =>
  text.split(',').flatMap((part) => {
    const network = parseNetwork(part);
    if (network !== null) return [network];
    context.addIssue({
      code: 'custom',
      message: `must be networks with commas between, like "10.0.0.0/8, fd00::/8"; "${part.trim()}" is none`,
    });
    return [];
  }),
);

const databaseUrl = z.string().superRefine((text, context) => {
  if (/^(libsql|https?):\/\/[^/]+|^file:./.test(text)) return;
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(text)?.[0];
  context.addIssue({
    code: 'custom',
    message: `must start with libsql://, https://, http:// or file:; it ${scheme ? `starts with ${scheme}` : `is ${text.length} characters without a scheme`}`,
  });
});

const settingsSchema = z.object({
  TURSO_DATABASE_URL: optional(databaseUrl),
  TURSO_AUTH_TOKEN: optional(z.string()),
  ANYUP_URL: optional(origin('https://status.example.org')),
  ANYUP_SECRET: optional(secret),
  ANYUP_SECRET_PREVIOUS: optional(secret),
  ANYUP_ACCESS_KEY: optional(accessKey),
  ANYUP_LOG: optional(
    z.enum(['error', 'warn', 'info', 'debug'], {
      error: ({ input }) => `must be error, warn, info or debug; it is "${input}"`,
    }),
  ),
  ANYUP_HEALTHCHECK_URL: optional(base),
  ANYUP_WORKER_NETWORKS: optional(networks),
  TELEGRAM_API_URL: optional(base),
  RESEND_BASE_URL: optional(base),
});

/** What the environment says, parsed; what it does not say is undefined. */
export type Settings = z.output<typeof settingsSchema>;

/** Parses the environment (`process.env`, or a Worker's bindings) or throws a SettingsError naming every fault. */
export function readSettings(env: Record<string, unknown>): Settings {
  const parsed = settingsSchema.safeParse(env);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
  throw new SettingsError(faults.join('\n'));
}

/** What a runtime knows of itself. */
export interface RuntimeDefaults extends Pick<Config, 'runtime' | 'flushMs' | 'cloudflare'> {
  /** The address when ANYUP_URL is not set; null = ANYUP_URL must be set. */
  url: string | null;
}

/** The app's config out of the settings. */
export async function configOf(settings: Settings, defaults: RuntimeDefaults): Promise<Config> {
  const url = settings.ANYUP_URL ?? defaults.url;
  if (url === null) {
    throw new SettingsError(
      'ANYUP_URL is missing; it must be the public address, like https://status.example.org',
    );
  }
  const { ANYUP_ACCESS_KEY: key } = settings;
  return {
    ...defaults,
    url,
    loopbackOnly: isLoopback(new URL(url).hostname),
    secret: settings.ANYUP_SECRET ?? null,
    previousSecret: settings.ANYUP_SECRET_PREVIOUS ?? null,
    accessKeyHash: key === undefined ? null : await sha256(key),
    healthcheckUrl: settings.ANYUP_HEALTHCHECK_URL ?? null,
    workerNetworks: settings.ANYUP_WORKER_NETWORKS ?? [],
    telegramApiUrl: trimSlash(settings.TELEGRAM_API_URL ?? 'https://api.telegram.org'),
    resendBaseUrl: trimSlash(settings.RESEND_BASE_URL ?? 'https://api.resend.com'),
  };
}

function isLoopback(host: string): boolean {
  return /^(127\.[\d.]+|\[::1\]|localhost|.*\.localhost)$/i.test(host);
}

/** `readSettings` and `configOf` in one. */
export function readConfig(
  env: Record<string, unknown>,
  defaults: RuntimeDefaults,
): Promise<Config> {
  return configOf(readSettings(env), defaults);
}

/** Rows of this database are billed: post and tick less often. */
export function isBilled(settings: Settings): boolean {
  return /\.turso\.io(:\d+)?([/?]|$)/.test(settings.TURSO_DATABASE_URL ?? '');
}

const ORDER: LogLevel[] = ['error', 'warn', 'info', 'debug'];

/** Whether a line of this level is wanted. */
export function isLogged(level: LogLevel, wanted: LogLevel): boolean {
  return ORDER.indexOf(level) <= ORDER.indexOf(wanted);
}

function trimSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
