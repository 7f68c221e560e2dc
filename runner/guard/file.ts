// The runner's own file: what its owner allows whoever configures checks. JSON, read once at the start, never sent.
import { readFile, stat } from 'node:fs/promises';
import * as z from 'zod';
import { KIND_NAMES, type Kind } from '#core/checks/index.ts';
import { isHost } from '#core/checks/kind.ts';
import { SCRIPT_NAME } from '#core/checks/script.ts';
import { duration } from '#core/duration.ts';
import { ownChannelSchema } from '../channels/index.ts';
import { OwnChannels } from '../channels/own.ts';
import { SettingError } from '../config.ts';
import { codeOf, messageOf } from '../failure.ts';
import { wordsOfIssue } from './fault.ts';
import type { Guard } from './guarded.ts';
import { type Network, Networks, parseNetwork } from './networks.ts';
import { Secrets } from './secrets.ts';

/** Shorter ones could not be kept out of texts without spoiling them. */
const MIN_SECRET = 8;

const network = z.string().transform((text, context): Network => {
  const read = parseNetwork(text);
  if (read) return read;
  const message = `is "${text.slice(0, 60)}"; it must be a network or an address like "10.0.0.0/8" or "2001:db8::7"`;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

const host = z
  .string()
  .transform((text) => text.trim().toLowerCase().replace(/\.$/, ''))
  .refine((text) => isHost(text.replace(/^\*\./, '')) || isScript(text), {
    error: ({ input }) =>
      `is "${String(input).slice(0, 60)}"; it must be a name, an address, "*.example.org" or "script:name"`,
  });

const secret = z.strictObject({
  value: z
    .string()
    .min(MIN_SECRET, { message: `must have at least ${MIN_SECRET} characters` })
    .max(32_768),
  hosts: z.array(host).min(1, { message: 'must name at least one host it may be sent to' }),
  kinds: z
    .array(
      z.enum(KIND_NAMES as [Kind, ...Kind[]], {
        error: ({ input }) => `is "${String(input)}"; it must be one of ${KIND_NAMES.join(', ')}`,
      }),
    )
    .min(1, { message: 'must name at least one kind of check it is for' }),
});

const SECRET_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

const channelNames = z
  .array(z.string())
  .min(1, { message: 'must name at least one of "channels"' })
  .transform((names) => [...new Set(names)]);

const fieldsSchema = z.strictObject({
  networks: z
    .strictObject({ allow: z.array(network).default([]), deny: z.array(network).default([]) })
    .default({ allow: [], deny: [] }),
  secrets: z
    .record(
      z.string().regex(SECRET_NAME, {
        message: 'is no name for a secret: letters, digits, "-" and "_", at most 64',
      }),
      secret,
    )
    .default({}),
  /** Where this runner itself may send messages, by name. */
  channels: z
    .record(
      z.string().regex(SECRET_NAME, {
        message: 'is no name for a channel: letters, digits, "-" and "_", at most 64',
      }),
      ownChannelSchema,
    )
    .default({}),
  /** It tells people by these when the worker is gone. */
  deadman: z
    .strictObject({
      channels: channelNames,
      after: duration(1000, 86_400_000).default(180_000),
    })
    .optional(),
  /** The worker may hand over messages for these, by name. */
  relay: channelNames.optional(),
  evidence: z
    .strictObject({ privateBodies: z.boolean().default(false), route: z.boolean().default(false) })
    .default({ privateBodies: false, route: false }),
});

const fileSchema = fieldsSchema.superRefine(({ channels, deadman, relay }, context) => {
  const lists = [
    { at: ['deadman', 'channels'], names: deadman?.channels },
    { at: ['relay'], names: relay },
  ];
  for (const { at, names = [] } of lists) {
    for (const [index, name] of names.entries()) {
      if (Object.hasOwn(channels, name)) continue;
      const message = `is "${name.slice(0, 64)}", which is not under "channels"`;
      context.addIssue({ code: 'custom', path: [...at, index], message });
    }
  }
});

/** Reads the file; one that was not asked for by name may be missing. Throws a SettingError that never shows a value. */
export async function readRunnerFile(path: string, isNamed: boolean): Promise<Guard> {
  const found = await read(path, isNamed);
  if (found === null) return guardOf(null, fileSchema.parse({}));
  const parsed = fileSchema.safeParse(json(path, found.text));
  if (!parsed.success) {
    const faults = parsed.error.issues.map(
      (issue) => `${whereOf(issue.path)}${wordsOfIssue(issue)}`,
    );
    throw new SettingError(`${path}: ${faults.join('; ')}.`);
  }
  const { secrets, channels } = parsed.data;
  const holdsSecrets = Object.keys({ ...secrets, ...channels }).length > 0;
  if (holdsSecrets && found.mode & 0o077) {
    throw new SettingError(
      `${path} holds secrets and may be read or changed by others; it must be its owner's alone: chmod 600 ${path}`,
    );
  }
  if (found.mode & 0o002) {
    throw new SettingError(`${path} may be changed by anybody; it must not: chmod o-w ${path}`);
  }
  return guardOf(path, parsed.data);
}

async function read(path: string, isNamed: boolean) {
  try {
    const { mode } = await stat(path);
    const text = await readFile(path, 'utf8');
    // Windows has no such bits.
    return { text, mode: process.platform === 'win32' ? 0 : mode };
  } catch (error) {
    if (codeOf(error) === 'ENOENT' && !isNamed) return null;
    throw new SettingError(
      `ANYUP_RUNNER_FILE names ${path}, which cannot be read: ${messageOf(error)}`,
    );
  }
}

function json(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own words show what stands around the fault.
    throw new SettingError(`${path} is not JSON; look for a missing comma or quote.`);
  }
}

function guardOf(from: string | null, given: z.output<typeof fileSchema>): Guard {
  const { networks, secrets, evidence, channels, deadman, relay = [] } = given;
  return {
    from,
    networks: new Networks(networks),
    secrets: new Secrets(new Map(Object.entries(secrets))),
    channels: new OwnChannels(new Map(Object.entries(channels))),
    deadman: deadman ? { channels: deadman.channels, afterMs: deadman.after } : null,
    relay,
    evidence,
  };
}

function isScript(text: string): boolean {
  return text.startsWith('script:') && SCRIPT_NAME.test(text.slice('script:'.length));
}

function whereOf(path: readonly PropertyKey[]): string {
  return path.length === 0 ? '' : `${path.map(String).join('.')} `;
}
