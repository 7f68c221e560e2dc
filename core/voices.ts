// Words for who sees what: "up, but not from Office; Attic is silent".
import type { KnownStatus, Status } from './level.ts';
import type { MissingReason } from './merge.ts';

/** One location with what it says, by name. */
export interface Seen {
  name: string;
  status: Status;
  missing: MissingReason | null;
}

const WHY_MISSING: Record<MissingReason, string> = {
  new: 'has not reported yet',
  unconfirmed: 'is not sure yet',
  stale: 'has not checked it lately',
  unable: 'cannot measure it',
  silent: 'is silent',
  blind: 'cannot trust its own network',
  quarantined: 'is quarantined',
};

/** "A", "A and B", "A, B and C". */
export function listNames(names: readonly string[]): string {
  if (names.length < 2) return names[0] ?? '';
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** "Office is silent, Attic has not reported yet": the locations without a vote, with why. */
export function whoIsMissing(seen: readonly Seen[]): string {
  return seen
    .flatMap(({ name, missing }) => (missing === null ? [] : [`${name} ${WHY_MISSING[missing]}`]))
    .join(', ');
}

/** "Office and Attic cannot": those that say down. */
export function whoCannot(seen: readonly Seen[]): string {
  return `${listNames(seen.filter(({ status }) => status === 'down').map(({ name }) => name))} cannot`;
}

/** The one sentence about who sees a status; `named` spells out the places where all agree. */
export function whoSees(status: KnownStatus, seen: readonly Seen[], named = false): string {
  const missing = whoIsMissing(seen);
  const sentence = whatIsSeen(status, seen, named, missing !== '');
  return missing === '' ? sentence : `${sentence}; ${missing}`;
}

function whatIsSeen(
  status: KnownStatus,
  seen: readonly Seen[],
  named: boolean,
  someMissing: boolean,
): string {
  const from = (wanted: Status) =>
    seen.filter((each) => each.status === wanted).map(({ name }) => name);
  const agreeing = from(status);
  const others = (['up', 'degraded', 'down'] as const).filter(
    (other) => other !== status && from(other).length > 0,
  );
  if (agreeing.length === 0) return status;
  if (others.length === 0) {
    if (someMissing || seen.length === 1) return `${status} from ${listNames(agreeing)}`;
    return named
      ? `${status} from everywhere it is watched: ${agreeing.join(', ')}`
      : `${status} everywhere`;
  }
  if (status === 'up') {
    const exceptions = others.map((other) =>
      other === 'down'
        ? `not from ${listNames(from(other))}`
        : `${other} from ${listNames(from(other))}`,
    );
    return `up, but ${exceptions.join(' and ')}`;
  }
  return [status, ...others].map((said) => `${said} from ${listNames(from(said))}`).join(', ');
}
