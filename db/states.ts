// The states of a shard's checks, packed by position into the one row that guards them all.
import { type CheckState, newState } from '#core/state.ts';
import { shortened } from '#core/text.ts';

/** A state with the check it belongs to and why it is so. */
export interface HeldState extends CheckState {
  checkId: number;
  rule: string;
  code: string;
  text: string;
}

type StateTuple = [
  checkId: number,
  status: CheckState['status'],
  level: number | null,
  sinceAt: number,
  lastTold: CheckState['lastTold'],
  incident: [openedAt: number, worst: 'up' | 'degraded' | 'down'] | null,
  loneSinceAt: number | null,
  disputed: 0 | 1,
  rule: string,
  code: string,
  text: string,
];

/** By check id. */
export type States = Map<number, HeldState>;

export function parseStates(body: string | undefined): States {
  const states: States = new Map();
  for (const tuple of JSON.parse(body || '[]') as StateTuple[]) {
    const [checkId, status, level, sinceAt, lastTold, incident, loneSinceAt, disputed] = tuple;
    const [rule, code, text] = tuple.slice(8) as [string, string, string];
    states.set(checkId, {
      checkId,
      status,
      level,
      sinceAt,
      lastTold,
      incident: incident && { openedAt: incident[0], worst: incident[1] },
      loneSinceAt,
      disputed: disputed === 1,
      rule,
      code,
      text,
    });
  }
  return states;
}

export function packStates(states: States): string {
  const tuples: StateTuple[] = [];
  for (const state of states.values()) {
    tuples.push([
      state.checkId,
      state.status,
      state.level,
      state.sinceAt,
      state.lastTold,
      state.incident && [state.incident.openedAt, state.incident.worst],
      state.loneSinceAt,
      state.disputed ? 1 : 0,
      state.rule,
      state.code,
      shortened(state.text, 120),
    ]);
  }
  return JSON.stringify(tuples);
}

/** Of a check nobody has judged: unknown since ever. */
export function freshState(checkId: number): HeldState {
  return { ...newState(0), checkId, rule: 'none_known', code: '', text: '' };
}
