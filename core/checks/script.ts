import * as z from 'zod';
import type { CheckKind } from './kind.ts';

/** A script is named, never sent: it must exist in the folder of probes on the runner. */
export const SCRIPT_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

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
  addressOf: () => null,
};
