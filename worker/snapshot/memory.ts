// What this isolate served last, for a moment; and, outliving the isolate, the last good copy.
import type { Config, Platform } from '#worker/platform.ts';
import { type Page, type PageSnapshot, packCopy } from './page.ts';

export interface Kept {
  page: Page;
  /** Until then it is served without a question. */
  untilAt: number;
  savedAt: number;
}

/** How often the last good copy is written while no host comes, goes or changes its status. */
const SAVE_EVERY_MS = 15_000;

/** By database client: one an isolate. */
const memory = new WeakMap<object, Kept>();

export interface Pace {
  /** How long a page is served from memory. */
  keepMs: number;
  /** How old a snapshot may be while nothing has happened since. */
  acceptMs: number;
  /** How seldom the days are made anew. */
  daysMs: number;
}

/** Where rows are billed the snapshot serves for as long as it is made anew by the tick; elsewhere reading live is cheap. */
export function paceOf({ flushMs }: Config): Pace {
  return flushMs >= 15_000
    ? { keepMs: 15_000, acceptMs: 150_000, daysMs: 600_000 }
    : { keepMs: 2000, acceptMs: 2000, daysMs: 60_000 };
}

export function keptIn({ db }: Platform): Kept | undefined {
  return memory.get(db.$client);
}

/** Keeps a page for the requests that follow. No newer one is made before it is `keepMs` old, so that long it may stay. */
export async function keep(platform: Platform, snapshot: PageSnapshot): Promise<Page> {
  const { keepMs } = paceOf(platform.config);
  const ageMs = platform.now() - snapshot.model.asOf;
  return keepFor(platform, snapshot, ageMs > 0 && ageMs < keepMs ? keepMs - ageMs : keepMs);
}

/** As `keep`, for a time that the caller knows better. */
export async function keepFor(
  platform: Platform,
  snapshot: PageSnapshot,
  forMs: number,
): Promise<Page> {
  const now = platform.now();
  const page: Page = { ...snapshot, stale: false };
  const untilAt = now + forMs;
  const before = keptIn(platform);
  const savedAt = before?.savedAt ?? 0;
  const news = before === undefined || gist(before.page) !== gist(page);
  const save = platform.lastGood !== undefined && (news || now - savedAt >= SAVE_EVERY_MS);
  memory.set(platform.db.$client, { page, untilAt, savedAt: save ? now : savedAt });
  if (save) await saveCopy(platform, snapshot);
  return page;
}

/** Keeps what is served while the database is gone, so that not every request asks after it. */
export function keepStale(platform: Platform, page: Page, forMs: number): void {
  const savedAt = keptIn(platform)?.savedAt ?? 0;
  memory.set(platform.db.$client, { page, untilAt: platform.now() + forMs, savedAt });
}

/** What was just changed here is not hidden by what is remembered here. */
export function forgetPage({ db }: Platform): void {
  memory.delete(db.$client);
}

function gist({ model }: PageSnapshot): string {
  return model.hosts.map(({ id, status }) => `${id} ${status}`).join();
}

async function saveCopy({ lastGood, log }: Platform, snapshot: PageSnapshot): Promise<void> {
  try {
    await lastGood?.write(packCopy(snapshot));
  } catch (error) {
    log('warn', `the last good copy of the page was not kept: ${(error as Error).message}`);
  }
}
