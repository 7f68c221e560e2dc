// What was measured against what is kept, and what was owed against what people read.
import { readFileSync } from 'node:fs';
import type { TestPlatform } from '#test/support/platform.ts';
import { exportResults } from '#worker/history/export.ts';

export interface ResultsAccount {
  measured: number;
  onDisk: number;
  stored: number;
  lost: string[];
  doubled: number;
  /** Kept, though it never reached a disk. */
  foreign: number;
}

/** `journals`: by location, the file of its runner's witness. */
export async function accountResults(
  platform: TestPlatform,
  checks: readonly number[],
  journals: Readonly<Record<string, string>>,
  fromAt: number,
): Promise<ResultsAccount> {
  const onDisk = new Set<string>();
  let measured = 0;
  for (const [location, file] of Object.entries(journals)) {
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      const [what, checkId, at] = line.split(' ');
      if (what === 'measured') measured += 1;
      if (what === 'disk') onDisk.add(`${location} ${checkId} ${at}`);
    }
  }
  const stored = new Map<string, number>();
  const range = { fromAt, toAt: Date.now(), format: 'ndjson' as const };
  for (const id of checks) {
    const stream = await exportResults(platform, id, range);
    for (const line of (await new Response(stream).text()).split('\n').filter(Boolean)) {
      const { at, location } = JSON.parse(line) as { at: string; location: string };
      const key = `${location} ${id} ${Date.parse(at)}`;
      stored.set(key, (stored.get(key) ?? 0) + 1);
    }
  }
  return {
    measured,
    onDisk: onDisk.size,
    stored: [...stored.values()].reduce((sum, count) => sum + count, 0),
    lost: [...onDisk].filter((key) => !stored.has(key)),
    doubled: [...stored.values()].filter((count) => count > 1).length,
    foreign: [...stored.keys()].filter((key) => !onDisk.has(key)).length,
  };
}

/** Everything known of one check, for who looks into what went wrong: its turns, its flips, its results. */
export async function storyOf(
  platform: TestPlatform,
  checkId: number,
  turns: ReadonlyArray<{ to: string; at: number }>,
): Promise<string[]> {
  const { rows } = await platform.db.$client.execute({
    sql: 'select at, from_status, to_status, since_at, rule, voices from flip where check_id = ?',
    args: [checkId],
  });
  const fromAt = Math.min(Date.now(), ...turns.map(({ at }) => at)) - 60_000;
  const range = { fromAt, toAt: Date.now(), format: 'ndjson' as const };
  const text = await new Response(await exportResults(platform, checkId, range)).text();
  const results = text
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const { at, location, level, code, blind } = JSON.parse(line);
      return `${at} ${location} ${level} ${code}${blind ? ' blind' : ''}`;
    });
  const iso = (at: unknown) => new Date(Number(at)).toISOString();
  return [
    ...turns.map(({ to, at }) => `${iso(at)} TRUTH ${to}`),
    ...rows.map(
      (row) =>
        `${iso(row.at)} FLIP ${row.from_status} -> ${row.to_status} since ${iso(row.since_at)} ${row.rule} ${row.voices}`,
    ),
    ...results,
  ].sort();
}

export interface Read {
  text: string;
  at: number;
}

export interface MessagesAccount {
  owed: number;
  told: number;
  /** "shop-17: owed down up, told down" */
  wrong: string[];
  /** Messages that came again word for word, and when. */
  again: number[];
  /** First lines of what was about the runners or Anyup itself. */
  fleet: string[];
}

/** `truth`: by check, what became of it, one after the other. */
export function accountMessages(
  truth: ReadonlyMap<number, readonly string[]>,
  read: readonly Read[],
): MessagesAccount {
  const texts = new Set<string>();
  const again: number[] = [];
  for (const { text, at } of read) {
    if (texts.has(text)) again.push(at);
    texts.add(text);
  }
  const told = new Map<number, string[]>();
  const fleet: string[] = [];
  for (const text of texts) {
    const said = [...text.matchAll(/^(?:\S+ )?shop-(\d+) is (down|up)/gm)];
    if (said.length === 0) fleet.push(text.split('\n')[0] ?? '');
    for (const [, index, to = ''] of said)
      told.set(Number(index), [...(told.get(Number(index)) ?? []), to]);
  }
  const wrong: string[] = [];
  let owed = 0;
  for (const index of new Set([...truth.keys(), ...told.keys()])) {
    const due = truth.get(index) ?? [];
    const got = told.get(index) ?? [];
    owed += due.length;
    if (due.join() !== got.join()) wrong.push(`shop-${index}: owed ${due}, told ${got}`);
  }
  const count = [...told.values()].reduce((sum, each) => sum + each.length, 0);
  return { owed, told: count, wrong, again, fleet };
}
