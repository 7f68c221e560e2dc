// How the pages say what is so.
import { isKind, KINDS, kindOf, shownTarget } from '#core/checks/index.ts';
import type { Status } from '#core/level.ts';
import type { MissingReason } from '#core/merge.ts';
import { capital } from '#core/text.ts';
import type { CheckModel, HostModel, StatusModel } from './models.ts';
import type { ShapeName } from './parts/shape.tsx';

export const STATUS_WORDS: Record<ShapeName, string> = {
  up: 'Up',
  degraded: 'Degraded',
  down: 'Down',
  unknown: 'Unknown',
  paused: 'Paused',
  maintenance: 'Maintenance',
};

const MISSING_WORDS: Record<MissingReason, string> = {
  new: 'has not reported yet',
  unconfirmed: 'first readings, not confirmed yet',
  unable: 'its runner cannot measure it',
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

/** What is shown of a host: planned work and a pause stand over its status. */
export function shownStatus({ paused, maintenance, status }: HostModel): ShapeName {
  if (paused) return 'paused';
  return maintenance ? 'maintenance' : status;
}

/** Its status does not count at this moment. */
export function isSetAside({ paused, maintenance }: HostModel): boolean {
  return paused || Boolean(maintenance);
}

/** The whole page in one sentence. */
export function headline({ status, hosts, runners }: StatusModel): string {
  const watched = hosts.filter((host) => !isSetAside(host));
  const total = watched.length;
  if (hosts.length === 0) return 'Nothing is watched yet';
  if (total === 0) {
    const which = hosts.length === 1 ? 'The host is' : 'All hosts are';
    return `${which} ${hosts.every(({ paused }) => paused) ? 'paused' : 'under maintenance'}`;
  }
  const of = (wanted: Status) => watched.filter((host) => host.status === wanted).length;
  if (status === 'unknown') {
    const nobody = runners.active > 0 && runners.silent === runners.active;
    return `Nobody can tell right now${nobody ? ': no runner reaches Anyup' : ''}`;
  }
  const n = of(status);
  const less = status === 'down' ? of('degraded') : 0;
  const also = less > 0 ? `, ${less} degraded` : '';
  if (n < total) return `${n} of ${total} hosts ${n === 1 ? 'is' : 'are'} ${status}${also}`;
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

/** What locations that fail, or cannot measure, give as their reason, when they agree: " (connection refused)". */
function reasonBeside({ locations }: CheckModel): string {
  const reasons = new Set(
    locations.flatMap(({ status, missing, reason }) =>
      (status === 'down' || status === 'degraded' || missing === 'unable') && reason.text
        ? [reason.text]
        : [],
    ),
  );
  return reasons.size === 1 ? ` (${[...reasons][0]})` : '';
}

/** Who sees a check and why, whole: "Down everywhere (connection refused)." */
export function sentenceOf(check: CheckModel): string {
  return `${capital(check.sentence)}${reasonBeside(check)}.`;
}

/** Who sees a host, in one line; with several checks, how many agree or which of them speaks. */
export function whoSees(host: HostModel): string {
  const speaker = decidingCheck(host);
  if (speaker === undefined) return 'nothing is checked yet';
  const said = speaker.sentence + reasonBeside(speaker);
  const checks = host.checks.filter(({ paused }) => !paused);
  if (checks.length <= 1) return said;
  return checks.every(({ sentence }) => sentence === speaker.sentence)
    ? `${count(checks.length, 'check')}, ${said}`
    : `${checkName(speaker)}: ${said}`;
}

/** Hosts by group, as pages list them: by name, those without a group last. */
export function byGroup(hosts: readonly HostModel[]): Array<[group: string, hosts: HostModel[]]> {
  return [...Map.groupBy(hosts, ({ group }) => group)].sort(([a], [b]) => {
    if (a === '' || b === '') return a === '' ? 1 : -1;
    return a.localeCompare(b, 'en');
  });
}

/** What tells a check from the others of its host. */
export function checkName({ name, kind, target }: Pick<CheckModel, 'name' | 'kind' | 'target'>) {
  return name || shownTarget(kind, target) || kindTitle(kind);
}

/** The lowest RTT of the checks that say what the host says; null when none has one. */
export function lowestRtt({ status, checks }: HostModel): number | null {
  const known = checks.flatMap((check) =>
    check.status === status && check.rttUs !== null ? [check.rttUs] : [],
  );
  return known.length > 0 ? Math.min(...known) : null;
}

export function kindTitle(kind: string): string {
  return isKind(kind) ? KINDS[kind].title : kind;
}

/** What the chart of a check of this kind is of: "RTT and status". */
export function chartTitle(kind: string): string {
  const charted = (isKind(kind) ? kindOf(kind).charted : undefined) ?? 'RTT';
  return charted === '' ? 'Status' : `${charted} and status`;
}
