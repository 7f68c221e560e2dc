import * as z from 'zod';
import type { WorkerCheckKind } from './kind.ts';
import { inferNamed, namedTarget } from './named.ts';

const MEMBER = /^(check|host):(\d{1,15})(?:\*(\d{1,4}))?$/;

const fields = z.object({
  target: namedTarget('group', 'the shop'),
  members: z
    .array(
      z.string().trim().regex(MEMBER, {
        message: 'must be "check:12" or "host:3", with a weight like "host:3*2"',
      }),
    )
    .min(1)
    .max(200)
    .meta({
      title: 'Members',
      description: 'one a line: check:12 or host:3, with a weight as host:3*2',
    }),
  rule: z.enum(['worst', 'best', 'atLeast']).default('worst').meta({
    title: 'It is',
    description: 'as its worst member, as its best, or up while members of enough weight are up',
  }),
  needed: z.int().min(1).max(1_000_000).default(1).meta({
    title: 'Weight that is enough',
    description: 'for atLeast; a member weighs 1 when nothing is said',
  }),
});

/** Other checks and hosts taken together (core/grouping.ts). */
export type GroupSpec = z.output<typeof fields>;

export interface Member {
  of: 'check' | 'host';
  id: number;
  weight: number;
}

/** "host:3*2" as it is meant; the schema has seen to its spelling. */
export function membersOf({ members }: Pick<GroupSpec, 'members'>): Member[] {
  return members.flatMap((text) => {
    const match = MEMBER.exec(text);
    if (!match) return [];
    const weight = Number(match[3] ?? 1);
    return [{ of: match[1] as Member['of'], id: Number(match[2]), weight }];
  });
}

export const group: WorkerCheckKind<GroupSpec> = {
  title: 'Group of checks',
  subject: 'target',
  invertible: false,
  schema: fields,
  fields,
  infer: (text) => inferNamed('group', text),
  addressOf: () => null,
  pace: () => ({ intervalMs: 3_600_000, timeoutMs: 60_000 }),
};
