// What about runners changes whose word counts.
import type { FleetEvent } from '#core/fleet.ts';
import type { TrustEvent } from '#core/trust.ts';

const VOTE_EVENTS = new Set<(FleetEvent | TrustEvent)['type']>([
  'runner.silent',
  'runner.back',
  'runner.quarantined',
  'runner.trusted',
]);

/** Every check must be judged anew after it. */
export function concernsVotes({ type }: FleetEvent | TrustEvent): boolean {
  return VOTE_EVENTS.has(type);
}
