// How a runner stands with the worker, in a word and in one sentence.
import { utcText } from './instant.ts';

export const STANDINGS = [
  'waits',
  'disabled',
  'revoked',
  'unplaced',
  'unheard',
  'silent',
  'quarantined',
  'blind',
  'reports',
] as const;

export type Standing = (typeof STANDINGS)[number];

export interface RunnerFacts {
  status: 'pending' | 'active' | 'disabled' | 'revoked';
  /** It stands in a location. */
  placed: boolean;
  /** Its last post; null = never. */
  lastSeenAt: number | null;
  silent: boolean;
  quarantinedSinceAt: number | null;
  blindSinceAt: number | null;
}

/** The gravest thing that holds, with what it means. */
export function standingOf(facts: RunnerFacts): { standing: Standing; sentence: string } {
  const { status, placed, lastSeenAt, silent, quarantinedSinceAt, blindSinceAt } = facts;
  if (status === 'pending') {
    return say('waits', 'Waits for approval: it has neither work nor a vote.');
  }
  if (status === 'disabled') {
    return say('disabled', 'Disabled: it keeps its key, and nothing is taken from it.');
  }
  if (status === 'revoked') return say('revoked', 'Revoked: its key opens nothing any more.');
  if (!placed) {
    return say('unplaced', 'Has no location yet: no work and no vote until it is given one.');
  }
  if (lastSeenAt === null) return say('unheard', 'Has joined and not posted yet.');
  if (silent) {
    const since = utcText(lastSeenAt);
    return say('silent', `Silent since ${since}: what it alone could reach is unknown.`);
  }
  if (quarantinedSinceAt !== null) {
    const since = utcText(quarantinedSinceAt);
    return say(
      'quarantined',
      `Quarantined since ${since}: its checks fail while other locations see the same ones up, so its results have no vote.`,
    );
  }
  if (blindSinceAt !== null) {
    const since = utcText(blindSinceAt);
    return say(
      'blind',
      `Cut off from its network since ${since}: no canary answers it, so what fails for it has no vote.`,
    );
  }
  return say('reports', 'Reports, and its results count.');
}

function say(standing: Standing, sentence: string) {
  return { standing, sentence };
}
