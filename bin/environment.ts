// What only a process on a machine needs to know: where to listen, where to keep things.
import { resolve } from 'node:path';
import * as z from 'zod';
import { SettingsError } from '#worker/config.ts';

const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema);

const onOff = optional(
  z
    .enum(['0', '1'], { error: ({ input }) => `must be 0 or 1; it is "${input}"` })
    .default('1')
    .transform((text) => text === '1'),
);

const environmentSchema = z.object({
  PORT: optional(
    z
      .string()
      .default('8787')
      .transform((text, context) => {
        if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
        context.addIssue({
          code: 'custom',
          message: `must be a port from 0 (any free one) to 65535; it is "${text}"`,
        });
        return z.NEVER;
      }),
  ),
  HOST: optional(
    z
      .string()
      .default('127.0.0.1')
      .refine((text) => /^[\w.:-]+$/.test(text), {
        error: ({ input }) =>
          `must be an address to listen on, like 127.0.0.1 or 0.0.0.0; it is "${input}"`,
      }),
  ),
  ANYUP_DATA: optional(z.string().default('data')),
  ANYUP_READ_URL: optional(
    z
      .string()
      .optional()
      .refine((text) => text === undefined || /^(libsql|https?):\/\/[^/]+/.test(text), {
        error:
          'must be the address of a replica of the database, starting with http://, https:// or libsql://',
      }),
  ),
  ANYUP_EXAMPLES: onOff,
  ANYUP_LOCAL_RUNNER: onOff,
});

export interface Environment {
  port: number;
  host: string;
  /** Absolute. */
  dataFolder: string;
  /** A replica of the database, for what visitors see. */
  readUrl: string | null;
  examples: boolean;
  localRunner: boolean;
}

/** Reads the process's environment or throws a SettingsError naming every fault. */
export function readEnvironment(env: NodeJS.ProcessEnv): Environment {
  const parsed = environmentSchema.safeParse(env);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
    throw new SettingsError(faults.join('\n'));
  }
  const { PORT, HOST, ANYUP_DATA, ANYUP_READ_URL, ANYUP_EXAMPLES, ANYUP_LOCAL_RUNNER } =
    parsed.data;
  if (ANYUP_READ_URL !== undefined && !env.TURSO_DATABASE_URL) {
    throw new SettingsError(
      'ANYUP_READ_URL names a replica of the database in TURSO_DATABASE_URL, which is not set',
    );
  }
  return {
    port: PORT,
    host: HOST,
    dataFolder: resolve(env.ANYUP_CALLER_CWD ?? '.', ANYUP_DATA),
    readUrl: ANYUP_READ_URL ?? null,
    examples: ANYUP_EXAMPLES,
    localRunner: ANYUP_LOCAL_RUNNER,
  };
}
