// The runner's settings: flags over environment, each checked once, each refusal a sentence that names the setting.
import { isAbsolute, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { splitHostPort } from '#core/checks/kind.ts';
import type { HostPort } from './canaries/outside.ts';
import type { Permits } from './permits.ts';
import type { LogLevel } from './platform.ts';

export interface RunnerConfig {
  /** Where the worker answers, without a trailing slash; null = where this runner is enrolled already. */
  url: string | null;
  /** A join code; null = enrolled already. */
  join: string | null;
  name: string;
  /** Where it stands; null = as the code says. */
  location: string | null;
  /** Absolute. */
  dataFolder: string;
  /** Folder of allowed scripts, absolute; null = no scripts here. */
  probesFolder: string | null;
  /** The runner's own file (runner/guard/file.ts), absolute; only when named must it be there. */
  runnerFile: { path: string; isNamed: boolean };
  /** It watches its own machine. */
  host: boolean;
  permits: Permits;
  /** Beyond gateway and resolver what to look at; null = the worker's address; `off` = nothing at all. */
  canaries: HostPort[] | 'off' | null;
  logLevel: LogLevel;
  /** Where Telegram's API is, for channels of its own; null = where it always is. */
  telegramApiUrl: string | null;
  /** Only take a new key, then end. */
  rotateKey: boolean;
}

/** A setting nobody can work with; the message is for the person who wrote it. */
export class SettingError extends Error {}

const OPTIONS = {
  url: { type: 'string' },
  join: { type: 'string' },
  name: { type: 'string' },
  location: { type: 'string' },
  data: { type: 'string' },
  probes: { type: 'string' },
  'runner-file': { type: 'string' },
  'wigo-probes': { type: 'string' },
  'script-env': { type: 'string' },
  'script-users': { type: 'string' },
  files: { type: 'string' },
  canaries: { type: 'string' },
  log: { type: 'string' },
} as const;

/** Each is on by its flag alone, or by its variable at 1. */
const SWITCHES = {
  host: { type: 'boolean' },
  'allow-remote-scripts': { type: 'boolean' },
} as const;

type Setting = keyof typeof OPTIONS;
type Switch = keyof typeof SWITCHES;

const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;

const title = z
  .string()
  .max(64, { message: 'must be at most 64 characters' })
  .regex(/^[^\p{Cc}]*$/u, { message: 'may not hold control characters' });

function names(pattern: RegExp, like: string) {
  return z
    .string()
    .transform((text) => text.split(',').map((each) => each.trim()))
    .refine((all) => all.every((each) => pattern.test(each)), { message: `must be ${like}` })
    .optional();
}

const settingsSchema = z.object({
  url: z
    .string()
    .refine(isHttpOrigin, { message: 'must be an address like "https://status.example.org"' })
    .transform((text) => text.replace(/\/+$/, ''))
    .optional(),
  join: z
    .string()
    .regex(/^[\w\s-]{16,128}$/, {
      message: 'must be a join code of 16 characters or more, as the page "Runners" shows it',
    })
    .optional(),
  name: title.optional(),
  location: title.optional(),
  data: z.string().optional(),
  probes: z.string().optional(),
  'runner-file': z.string().optional(),
  'wigo-probes': z.string().optional(),
  'script-env': names(/^[A-Za-z_][A-Za-z0-9_]*$/, 'names of variables like "PGHOST,PGUSER"'),
  'script-users': names(/^[a-z_][a-z0-9_-]*\$?$/i, 'names of users like "nagios,www-data"'),
  files: names(/^(\/|[A-Za-z]:[\\/])/, 'absolute folders like "/var/log,/var/backups"'),
  canaries: z
    .string()
    .transform((text) => (text === 'off' ? 'off' : text.split(',').map(readPlace)))
    .refine((places) => places === 'off' || !places.includes(null), {
      message: 'must be "off" or places like "192.0.2.1:53,example.org:443"',
    })
    .optional(),
  log: z.enum(LOG_LEVELS, { message: `must be one of ${LOG_LEVELS.join(', ')}` }).default('info'),
});

/** Reads the settings, or throws a SettingError. Relative paths count from `ANYUP_CALLER_CWD`, else from `cwd`. */
export function readConfig(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  machine: { hostname: string; cwd: string },
): RunnerConfig {
  const flags = readFlags(args);
  const given: Partial<Record<Setting, string>> = {};
  for (const setting of Object.keys(OPTIONS) as Setting[]) {
    const text = (flags[setting] ?? env[variable(setting)] ?? '').trim();
    if (text !== '') given[setting] = text;
  }
  const parsed = settingsSchema.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const setting = String(issue?.path[0] ?? '') as Setting;
    const shown = setting === 'join' ? '' : ` is "${given[setting]?.slice(0, 60)}"; it`;
    throw new SettingError(
      `${variable(setting)} (or --${setting})${shown} ${issue?.message ?? 'is wrong'}.`,
    );
  }
  const { url, join, location, log, data, probes } = parsed.data;
  const name = parsed.data.name ?? machine.hostname.slice(0, 64);
  const base = env.ANYUP_CALLER_CWD || machine.cwd;
  const absolute = (path: string) => (isAbsolute(path) ? path : resolve(base, path));
  const dataFolder = absolute(data ?? `data/runner-${slug(name)}`);
  const named = parsed.data['runner-file'];
  const wigoFolder = parsed.data['wigo-probes'];
  return {
    url: url ?? null,
    join: join ?? null,
    name,
    location: location ?? null,
    dataFolder,
    probesFolder: probes === undefined ? null : absolute(probes),
    runnerFile: {
      path: named === undefined ? resolve(dataFolder, 'runner.json') : absolute(named),
      isNamed: named !== undefined,
    },
    host: isOn('host', flags, env),
    permits: {
      env: parsed.data['script-env'] ?? [],
      users: parsed.data['script-users'] ?? [],
      files: parsed.data.files ?? [],
      remoteScripts: isOn('allow-remote-scripts', flags, env)
        ? resolve(dataFolder, 'scripts')
        : null,
      wigo:
        wigoFolder === undefined
          ? null
          : {
              folder: absolute(wigoFolder),
              configRoot: env.WIGO_PROBE_CONFIG_ROOT || '/etc/wigo/conf.d',
            },
    },
    canaries: parsed.data.canaries === undefined ? null : placesOf(parsed.data.canaries),
    logLevel: log,
    telegramApiUrl: env.TELEGRAM_API_URL || null,
    rotateKey: flags['rotate-key'] === true,
  };
}

function variable(setting: Setting | Switch): string {
  return `ANYUP_${setting.toUpperCase().replaceAll('-', '_')}`;
}

function isOn(
  name: Switch,
  flags: Flags,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  const text = env[variable(name)] || '0';
  if (flags[name] === true || text === '1') return true;
  if (text === '0') return false;
  throw new SettingError(
    `${variable(name)} (or --${name}) is "${text.slice(0, 60)}"; it must be 0 or 1.`,
  );
}

type Flags = Partial<Record<Setting, string>> & Partial<Record<Switch | 'rotate-key', boolean>>;

function readFlags(args: readonly string[]): Flags {
  try {
    const options = { ...OPTIONS, ...SWITCHES, 'rotate-key': { type: 'boolean' } } as const;
    return parseArgs({ args: [...args], options, strict: true }).values;
  } catch (error) {
    const [sentence] = (error as Error).message.split('. ');
    const flags = Object.keys(OPTIONS).map((setting) => `--${setting}`);
    const switches = [...Object.keys(SWITCHES), 'rotate-key'].map((name) => `--${name}`);
    throw new SettingError(
      `${sentence}. The flags are ${flags.join(', ')}, each with a value, and ${switches.join(', ')}.`,
    );
  }
}

function isHttpOrigin(text: string): boolean {
  if (!/^https?:\/\//i.test(text)) return false;
  try {
    const { hostname, search, hash, username } = new URL(text);
    return hostname !== '' && search === '' && hash === '' && username === '';
  } catch {
    return false;
  }
}

function readPlace(text: string): HostPort | null {
  return splitHostPort(text.trim());
}

function placesOf(places: 'off' | Array<HostPort | null>): HostPort[] | 'off' {
  return places === 'off' ? 'off' : places.filter((place) => place !== null);
}

function slug(name: string): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  return plain || 'default';
}
