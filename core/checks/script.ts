import * as z from 'zod';
import { type CheckKind, degradedAfter, WEIGHT } from './kind.ts';

/** Named, not sent: it must exist in the folder of probes on the runner; "60/disk" in its tree of Wigo's. */
export const SCRIPT_NAME = /^(?:[1-9]\d{0,4}\/)?[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

export const SCRIPT_PROTOCOLS = ['vigil', 'wigo', 'nagios'] as const;

/** vigil: exit 0/1/else · wigo: one JSON object on stdout · nagios: exit 0/1/2/3 and perfdata. */
export type ScriptProtocol = (typeof SCRIPT_PROTOCOLS)[number];

const fields = z.object({
  target: z
    .string()
    .trim()
    .transform((text) => text.replace(/^script:/, ''))
    .refine((name) => SCRIPT_NAME.test(name), {
      message: 'must be the name of a file in the runner\'s folder of probes, like "load"',
    })
    .transform((name) => `script:${name}`)
    .meta({ title: 'Script', placeholder: 'script:load' }),
  args: z
    .array(
      z
        .string()
        .max(1024)
        .regex(/^[^\0]*$/, { message: 'may not hold a NUL' }),
    )
    .max(64)
    .default([])
    .meta({ title: 'Arguments', description: 'one a line' }),
  protocol: z
    .enum(SCRIPT_PROTOCOLS)
    .default('vigil')
    .meta({ title: 'Protocol', description: 'how exit code and output are read' }),
  env: z
    .record(
      z.string().regex(VARIABLE, { message: 'is not the name of a variable' }),
      z
        .string()
        .max(4096)
        .regex(/^[^\0]*$/, { message: 'may not hold a NUL' }),
    )
    .default({})
    .meta({
      title: 'Variables',
      description: 'one "NAME: value" a line; the runner\'s owner says which names (--script-env)',
    }),
  folder: z
    .string()
    .max(1024)
    .regex(/^\/[^\0]*$/, { message: 'must be an absolute folder' })
    .optional()
    .meta({ title: 'Working folder', description: "else the script's own" }),
  user: z
    .string()
    .regex(/^[A-Za-z_][\w-]{0,31}\$?$/, { message: 'is not the name of a user' })
    .optional()
    .meta({ title: 'Run as', description: "the runner's owner says whom (--script-users)" }),
  degradedAfter,
  memoryMb: z
    .int()
    .min(8)
    .max(1_000_000)
    .default(1024)
    .meta({ title: 'Memory limit in MiB', description: 'of each of its processes' }),
  processes: z.int().min(1).max(10_000).default(64).meta({ title: 'Processes at most' }),
  inline: z.string().max(32_768).optional().meta({
    title: 'Script to run',
    description: 'only where the runner was started with --allow-remote-scripts; #! or sh',
    multiline: true,
  }),
});

/** An executable in the runner's own folder. */
export type ScriptSpec = z.output<typeof fields>;

export const script: CheckKind<ScriptSpec> = {
  title: 'Script on the runner',
  subject: 'runner',
  schema: fields,
  fields,
  infer(text) {
    const name = /^script:(.*)$/is.exec(text)?.[1] ?? '';
    return SCRIPT_NAME.test(name) ? `script:${name}` : null;
  },
  weight: () => WEIGHT.process,
  addressOf: () => null,
};
