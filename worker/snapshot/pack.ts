// The status as it is written down: tuples instead of names, and what many share (locations, reasons, sentences) once.
// At a thousand hosts a fifth of the bytes, and of the CPU to make and read them.
import type { Status } from '#core/level.ts';
import type { MissingReason } from '#core/merge.ts';
import type { CheckStatus, HostStatus, LocationStatus, StatusModel } from '#worker/status/model.ts';

const STATUSES: readonly Status[] = ['up', 'degraded', 'down', 'unknown'];

type Place = [
  location: number,
  status: number,
  level: number | null,
  rttUs: number | null,
  /** Before `asOf`. */
  ago: number | null,
  missing: number,
  code: number,
  text: number,
];
type Check = [
  id: number,
  name: number,
  kind: number,
  target: number,
  status: number,
  level: number | null,
  rttUs: number | null,
  since: number | null,
  code: number,
  text: number,
  sentence: number,
  flags: number,
  locations: Place[],
];
type Host = [
  id: number,
  name: string,
  group: number,
  status: number,
  level: number | null,
  since: number | null,
  paused: 0 | 1,
  maintenance: HostStatus['maintenance'],
  checks: Check[],
];

/** What `JSON.stringify` makes a text of; null when it is not of this form. */
export interface PackedStatus {
  words: string[];
  rest: Omit<StatusModel, 'hosts'>;
  hosts: Host[];
}

export function packStatus({ hosts, ...rest }: StatusModel): PackedStatus {
  const words: string[] = [];
  const known = new Map<string, number>();
  const word = (text: string): number => {
    const held = known.get(text);
    if (held !== undefined) return held;
    known.set(text, words.length);
    return words.push(text) - 1;
  };
  const place = (each: LocationStatus): Place => [
    word(each.location),
    STATUSES.indexOf(each.status),
    each.level,
    each.rttUs,
    each.at === null ? null : rest.asOf - each.at,
    word(each.missing ?? ''),
    word(each.reason.code),
    word(each.reason.text),
  ];
  const check = (each: CheckStatus): Check => [
    each.id,
    word(each.name),
    word(each.kind),
    word(each.target),
    STATUSES.indexOf(each.status),
    each.level,
    each.rttUs,
    each.since,
    word(each.reason.code),
    word(each.reason.text),
    word(each.sentence),
    (each.disputed ? 1 : 0) + (each.paused ? 2 : 0),
    each.locations.map(place),
  ];
  const packed = hosts.map((each): Host => {
    const { id, name, group, status, level, since, paused, maintenance, checks } = each;
    const of = STATUSES.indexOf(status);
    const set = paused ? 1 : 0;
    return [id, name, word(group), of, level, since, set, maintenance, checks.map(check)];
  });
  return { words, rest, hosts: packed };
}

export function unpackStatus({ words, rest, hosts }: PackedStatus): StatusModel {
  const word = (index: number): string => words[index] as string;
  const status = (index: number): Status => STATUSES[index] as Status;
  const place = ([
    location,
    of,
    level,
    rttUs,
    ago,
    missing,
    code,
    text,
  ]: Place): LocationStatus => ({
    location: word(location),
    status: status(of),
    level,
    rttUs,
    at: ago === null ? null : rest.asOf - ago,
    missing: (word(missing) || null) as MissingReason | null,
    reason: { code: word(code), text: word(text) },
  });
  const check = (tuple: Check): CheckStatus => {
    const [id, name, kind, target, of, level, rttUs, since, code, text, sentence, flags] = tuple;
    return {
      id,
      name: word(name),
      kind: word(kind),
      target: word(target),
      status: status(of),
      level,
      rttUs,
      since,
      reason: { code: word(code), text: word(text) },
      sentence: word(sentence),
      disputed: (flags & 1) !== 0,
      paused: (flags & 2) !== 0,
      locations: tuple[12].map(place),
    };
  };
  return {
    ...rest,
    hosts: hosts.map(([id, name, group, of, level, since, paused, maintenance, checks]) => ({
      id,
      name,
      group: word(group),
      status: status(of),
      level,
      since,
      paused: paused === 1,
      maintenance,
      checks: checks.map(check),
    })),
  };
}
