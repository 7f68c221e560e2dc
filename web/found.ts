// Hosts that a person looks for by words.
import type { HostModel } from './models.ts';
import { statusWord } from './parts/shape.tsx';
import { kindTitle } from './words.ts';

/** Tags of hosts and of their checks, by host. */
export type TagsByHost = ReadonlyMap<number, readonly string[]>;

/**
 * Those that have every word somewhere: in a name, the group, an address, a kind, a tag or the status; capitals do not
 * matter. All of them when nothing is asked.
 */
export function found(hosts: readonly HostModel[], asked: string, tags: TagsByHost): HostModel[] {
  const words = asked.toLowerCase().split(/\s+/).filter(Boolean);
  return hosts.filter((host) => {
    const text = textOf(host, tags.get(host.id) ?? []).toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function textOf({ name, group, status, paused, checks }: HostModel, tags: readonly string[]) {
  const ofChecks = checks.flatMap((each) => [
    each.name,
    each.target,
    each.kind,
    kindTitle(each.kind),
  ]);
  return [name, group, statusWord(paused ? 'paused' : status), ...ofChecks, ...tags].join('\n');
}
