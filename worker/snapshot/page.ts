// The public page as it was at one moment: what it holds, and how it is written down.
import type { Platform } from '#worker/platform.ts';
import { readSettings, type Settings } from '#worker/settings.ts';
import type { StatusModel } from '#worker/status/model.ts';
import { readStatus } from '#worker/status.ts';
import { type HostDays, packDays, parseDays, readDays } from './days.ts';
import { type PackedStatus, packStatus, unpackStatus } from './pack.ts';

/** What anyone may see: addresses and particulars only if the owner reveals them. */
export interface PageSnapshot {
  title: string;
  model: StatusModel;
  /** The last 90 days of each host that has been watched. */
  days: HostDays;
}

/** A page to be served. */
export interface Page extends PageSnapshot {
  /** The database does not answer: this is what was known as of `model.asOf`. */
  stale: boolean;
}

/** Rises when what is written down changes its shape: a copy of another version is none. */
const VERSION = 2;

/** Makes it from what is held true now: a row read for every host and check. */
export async function makeSnapshot(platform: Platform): Promise<PageSnapshot> {
  const settings = await readSettings(platform);
  return { ...(await makeNow(platform, settings)), days: await readDays(platform) };
}

/** Without the days. */
export async function makeNow(
  platform: Platform,
  { title, revealDetails }: Settings,
): Promise<Omit<PageSnapshot, 'days'>> {
  return { title, model: await readStatus(platform, { reveal: revealDetails }) };
}

/** For the row of what is so now; the days have a row of their own. */
export function packNow({ title, model }: Omit<PageSnapshot, 'days'>): string {
  return JSON.stringify([VERSION, title, packStatus(model)]);
}

/** Null when it was written by another version, or cannot be read. */
export function parseSnapshot(now: string, days: string): PageSnapshot | null {
  try {
    const [version, title, packed] = JSON.parse(now) as [number, string, PackedStatus];
    if (version !== VERSION) return null;
    return { title, model: unpackStatus(packed), days: parseDays(days) };
  } catch {
    return null;
  }
}

/** The whole of it as one text: two lines, as the two rows are. */
export function packCopy(snapshot: PageSnapshot): string {
  return `${packNow(snapshot)}\n${packDays(snapshot.days)}`;
}

export function parseCopy(text: string): PageSnapshot | null {
  const [now = '', days = ''] = text.split('\n');
  return parseSnapshot(now, days);
}
