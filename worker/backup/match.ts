// Which of what a backup names is here already.

/** Pairs in order: of several alike the first with the first. What has no partner is left over on its side. */
export function pair<Theirs, Ours>(
  theirs: readonly Theirs[],
  ours: readonly Ours[],
  keyOfTheirs: (one: Theirs) => string,
  keyOfOurs: (one: Ours) => string,
): { pairs: Array<{ theirs: Theirs; ours: Ours | null }>; left: Ours[] } {
  const waiting = Map.groupBy(ours, keyOfOurs);
  const pairs = theirs.map((one) => ({
    theirs: one,
    ours: waiting.get(keyOfTheirs(one))?.shift() ?? null,
  }));
  return { pairs, left: [...waiting.values()].flat() };
}

export function key(...parts: ReadonlyArray<string | number>): string {
  return JSON.stringify(parts);
}

/** The names of fields that differ. */
export function differing(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
}

/** One thing that restoring does, or leaves. */
export interface Change {
  what: 'setting' | 'location' | 'host' | 'check' | 'channel' | 'rule' | 'maintenance';
  name: string;
  change: 'created' | 'changed' | 'left' | 'removed';
  /** What becomes different. */
  fields?: string[];
}

/** What a part of a backup asks to be done. */
export interface PartPlan {
  changes: Change[];
  warnings: string[];
}
