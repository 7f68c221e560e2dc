// The public page as it was at one moment: what it holds, and how it is written down.
import type { DayBar } from '#core/history/series.ts';
import type { Platform } from '#worker/platform.ts';
import { readSettings } from '#worker/settings.ts';
import type { StatusModel } from '#worker/status/model.ts';
import { readStatus } from '#worker/status.ts';

/** What anyone may see: addresses and particulars only if the owner reveals them. */
export interface PageSnapshot {
  title: string;
  model: StatusModel;
  /** The last 90 days of each host; absent until there is history. */
  bars?: HostBars[];
}

export interface HostBars {
  hostId: number;
  /** Oldest first. */
  days: DayBar[];
}

/** A page to be served. */
export interface Page extends PageSnapshot {
  /** The database does not answer: this is what was known as of `model.asOf`. */
  stale: boolean;
}

/** Rises when what is written down changes its shape: a copy of another version is none. */
const VERSION = 1;

/** Makes it from what is held true now: a row read for every host and check. */
export async function makeSnapshot(platform: Platform): Promise<PageSnapshot> {
  const { title, revealDetails } = await readSettings(platform);
  return { title, model: await readStatus(platform, { reveal: revealDetails }) };
}

export function packSnapshot({ title, model }: PageSnapshot): string {
  return JSON.stringify([VERSION, title, model]);
}

/** Null when it was written by another version, or cannot be read. */
export function parseSnapshot(text: string): PageSnapshot | null {
  try {
    const [version, title, model] = JSON.parse(text) as [number, string, StatusModel];
    return version === VERSION ? { title, model } : null;
  } catch {
    return null;
  }
}
