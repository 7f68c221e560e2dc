// How the pages say what is so.
import { isKind, KINDS } from '#core/checks/index.ts';
import type { Status } from '#core/level.ts';
import type { MissingReason } from '#core/merge.ts';
import type { CheckModel, HostModel, StatusModel } from './models.ts';

export const STATUS_WORDS: Record<Status, string> = {
  up: 'Up',
  degraded: 'Degraded',
  down: 'Down',
  unknown: 'Unknown',
};

const MISSING_WORDS: Record<MissingReason, string> = {
  new: 'has not reported yet',
  unconfirmed: 'first readings, not confirmed yet',
  stale: 'its last reading is too old to count',
  silent: 'its runner is silent',
  blind: 'its runner cannot trust its own network',
  quarantined: 'its runner is quarantined',
};

export function missingWords(reason: MissingReason): string {
  return MISSING_WORDS[reason];
}

/** "1 host", "3 hosts". */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The whole page in one sentence. */
export function headline({ status, hosts, runners }: StatusModel): string {
  const watched = hosts.filter((host) => !host.paused);
  const total = watched.length;
  if (hosts.length === 0) return 'Nothing is watched yet';
  if (total === 0) return hosts.length === 1 ? 'The host is paused' : 'All hosts are paused';
  const of = (wanted: Status) => watched.filter((host) => host.status === wanted).length;
  if (status === 'unknown') {
    const nobody = runners.active > 0 && runners.silent === runners.active;
    return `Nobody can tell right now${nobody ? ': no runner reaches Anyup' : ''}`;
  }
  const n = of(status);
  if (n < total) return `${n} of ${total} hosts ${n === 1 ? 'is' : 'are'} ${status}`;
  return total === 1 ? `The host is ${status}` : `All ${total} hosts are ${status}`;
}

/** The check that speaks for its host: the worst known one, the first of equals. */
export function decidingCheck({ checks }: HostModel): CheckModel | undefined {
  let worst = checks.find((check) => !check.paused) ?? checks[0];
  for (const check of checks) {
    if (!check.paused && (check.level ?? -1) > (worst?.level ?? -1)) worst = check;
  }
  return worst;
}

/** Who sees a host, in one line; with several checks, how many there are or which of them speaks. */
export function whoSees(host: HostModel): string {
  const { checks } = host;
  const speaker = decidingCheck(host);
  if (speaker === undefined) return 'nothing is checked yet';
  if (checks.length === 1) return speaker.sentence;
  const odd = checks.find(({ sentence }) => sentence !== speaker.sentence);
  if (odd === undefined) return `${count(checks.length, 'check')}: ${speaker.sentence}`;
  return `${checkName(speaker)}: ${speaker.sentence}`;
}

/** What tells a check from the others of its host. */
export function checkName({ name, kind, target }: Pick<CheckModel, 'name' | 'kind' | 'target'>) {
  return name || target || kindTitle(kind);
}

/** The lowest RTT any of a host's checks has; null when none has one. */
export function lowestRtt({ checks }: HostModel): number | null {
  const known = checks.flatMap(({ rttUs }) => (rttUs === null ? [] : [rttUs]));
  return known.length > 0 ? Math.min(...known) : null;
}

export function kindTitle(kind: string): string {
  return isKind(kind) ? KINDS[kind].title : kind;
}
