// One check: what is held of it, and who says what of it at this moment.
import type { LocationVerdict, Verdict } from '#core/merge.ts';
import { explainVerdict } from '#core/message.ts';
import { publicReason } from '#core/reason.ts';
import type { Fleet, PlannedCheck } from '#db/plan.ts';
import type { HeldState } from '#db/states.ts';
import { verdictOf } from '#worker/judge/decide.ts';
import type { Held, HeldCheck } from './held.ts';
import type { CheckStatus, LocationStatus, ReasonText } from './model.ts';

/** Tells a check from its row. `reveal`: its address and particulars too. */
export function checkStatus(
  { name, kind, target, shard, paused }: HeldCheck,
  check: PlannedCheck,
  held: Held,
  reveal: boolean,
): CheckStatus {
  const state = held.states.get(check.checkId);
  const verdict = verdictOf(check, held.views.get(shard) ?? [], held, held);
  const disputed = state?.disputed ?? false;
  const nameOf = (id: number) => locationName(held.fleet, id);
  // The state decides; the verdict of this moment only fills in RTT and who says what.
  const status = state?.status ?? 'unknown';
  return {
    id: check.checkId,
    name,
    kind,
    target: reveal ? target : '',
    status,
    level: state?.level ?? null,
    rttUs: verdict.status === status ? verdict.rttUs : null,
    since: state?.sinceAt || null,
    reason: reasonText(state?.code ?? '', state?.text ?? '', reveal),
    sentence: paused ? 'paused' : explainVerdict(asHeld(verdict, state), nameOf, disputed),
    disputed,
    paused,
    locations: verdict.locations.map((each) => locationStatus(each, held.fleet, reveal)),
  };
}

/** The verdict with the status that is held, so that the sentence never contradicts it. */
function asHeld(verdict: Verdict, state: HeldState | undefined): Verdict {
  if (!state || state.status === verdict.status) return verdict;
  const { status, level } = state;
  return { ...verdict, status, level, rule: state.rule as Verdict['rule'] };
}

function locationStatus(each: LocationVerdict, fleet: Fleet, reveal: boolean): LocationStatus {
  const { status, level, rttUs, missing } = each;
  return {
    location: locationName(fleet, each.locationId),
    status,
    level,
    rttUs,
    at: each.at === 0 ? null : each.at,
    missing,
    reason: reasonText(each.code, each.text, reveal),
  };
}

function locationName({ locations }: Fleet, id: number): string {
  return locations.find((each) => each.id === id)?.name ?? `location ${id}`;
}

function reasonText(code: string, text: string, reveal: boolean): ReasonText {
  if (code === '' || code === 'ok') return { code, text: reveal ? text : '' };
  return { code, text: reveal && text !== '' ? text : publicReason(code) };
}
