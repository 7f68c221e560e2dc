import { readSettings, SettingsError } from '#worker/config.ts';

/** What a worker on Cloudflare cannot do without, from this shell. */
export interface DeploySettings {
  url: string;
  databaseUrl: string;
  databaseToken: string;
  /** Given by hand instead of made. */
  secret: string | undefined;
  accessKey: string | undefined;
}

const WHAT = {
  TURSO_DATABASE_URL: 'turso db show <name> --url',
  TURSO_AUTH_TOKEN: 'turso db tokens create <name>',
  ANYUP_URL:
    'the address people will use, like https://status.example.org or https://anyup.<you>.workers.dev',
} as const;

/** The settings a deploy needs that are not there, each with where to get it. */
export function missingSettings(env: NodeJS.ProcessEnv): string[] {
  return Object.entries(WHAT)
    .filter(([name]) => !env[name])
    .map(([name, what]) => `${name} is not set (${what})`);
}

/** Reads them or throws a SettingsError naming each that is missing or wrong. */
export function readDeploySettings(env: NodeJS.ProcessEnv): DeploySettings {
  const missing = missingSettings(env);
  if (missing.length > 0) throw new SettingsError(missing.join('\n'));
  const settings = readSettings(env);
  const { TURSO_DATABASE_URL: databaseUrl = '', TURSO_AUTH_TOKEN: databaseToken = '' } = settings;
  if (databaseUrl.startsWith('file:')) {
    throw new SettingsError(
      'TURSO_DATABASE_URL is a file; a worker on Cloudflare needs a database it can reach, like libsql://…turso.io',
    );
  }
  return {
    url: settings.ANYUP_URL ?? '',
    databaseUrl,
    databaseToken,
    secret: env.ANYUP_SECRET || undefined,
    accessKey: env.ANYUP_ACCESS_KEY || undefined,
  };
}
