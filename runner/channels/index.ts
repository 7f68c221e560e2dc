// The registry of the runner's own channels. A new kind is its file and one line here.
import * as z from 'zod';
import { wordsOfIssue } from '../guard/fault.ts';
import type { OwnKind } from './channel.ts';
import { smtp } from './smtp.ts';
import { telegram } from './telegram.ts';
import { webhook } from './webhook.ts';

export const OWN_KINDS = { telegram, smtp, webhook } as const satisfies Record<string, OwnKind>;

export type OwnKindName = keyof typeof OWN_KINDS;

export const OWN_KIND_NAMES = Object.keys(OWN_KINDS) as OwnKindName[];

/** One entry under `channels` of the runner's file. */
export const ownChannelSchema = z
  .looseObject({
    kind: z.enum(OWN_KIND_NAMES as [OwnKindName, ...OwnKindName[]], {
      error: ({ input }) =>
        `is "${String(input).slice(0, 40)}"; it must be one of ${OWN_KIND_NAMES.join(', ')}`,
    }),
  })
  .transform((entry, context): OwnSettings => {
    const parsed = OWN_KINDS[entry.kind].schema.safeParse(entry);
    if (parsed.success) return parsed.data as OwnSettings;
    for (const issue of parsed.error.issues) {
      context.addIssue({ code: 'custom', path: [...issue.path], message: wordsOfIssue(issue) });
    }
    return z.NEVER;
  });

export type OwnSettings = { kind: OwnKindName } & Record<string, unknown>;
