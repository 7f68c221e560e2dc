// Which notice reaches which channel. Every rule answers with a named reason, so that "why was I (not) told" has an answer.
import { rankOf } from './level.ts';
import type { CheckNotice, Notice, Subject } from './notice.ts';

export interface Rule {
  channelId: number;
  /** A host is meant when it or its group is named; nothing named means everything. */
  match: { groups?: readonly string[]; hosts?: readonly number[] };
  /** Told from this status on. */
  from: 'degraded' | 'down';
  /** Also told about Anyup itself: silent runners, a deaf worker. */
  fleet: boolean;
}

export type RouteReason =
  | 'matched'
  | 'below_level' // milder than the rule asks for, before and after
  | 'other_group' // the rule names groups, and not this host's
  | 'other_host' // the rule names hosts, and not this one
  | 'fleet_off' // about Anyup itself, which the rule does not want
  | 'by_hand'; // a test goes to the channel it was pressed for

export interface RouteDecision {
  channelId: number;
  reason: RouteReason;
}

/** One decision for every rule, in their order; `matched` means the channel is owed the notice. */
export function routeNotice(notice: Notice, rules: readonly Rule[]): RouteDecision[] {
  return rules.map((rule) => ({ channelId: rule.channelId, reason: decide(notice, rule) }));
}

/** The channels that are owed the notice, each once. */
export function channelsFor(notice: Notice, rules: readonly Rule[]): number[] {
  const matched = routeNotice(notice, rules).filter(({ reason }) => reason === 'matched');
  return [...new Set(matched.map(({ channelId }) => channelId))];
}

function decide(notice: Notice, rule: Rule): RouteReason {
  switch (notice.type) {
    case 'test':
      return 'by_hand';
    case 'fleet':
      return rule.fleet ? 'matched' : 'fleet_off';
    case 'disputed':
      return whyOther(notice.subject, rule) ?? 'matched';
    case 'check':
      return whyOther(notice.subject, rule) ?? (isBelow(notice, rule) ? 'below_level' : 'matched');
  }
}

function whyOther({ group, hostId }: Subject, { match }: Rule): RouteReason | null {
  const { groups = [], hosts = [] } = match;
  if (groups.length === 0 && hosts.length === 0) return null;
  if (groups.includes(group) || hosts.includes(hostId)) return null;
  return hosts.length > 0 ? 'other_host' : 'other_group';
}

/** Whoever was told of an incident is told of all that follows from it, its end too. */
function isBelow({ worst }: CheckNotice, rule: Rule): boolean {
  return rankOf(worst) < rankOf(rule.from);
}
