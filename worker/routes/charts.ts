// `/chart/:checkId.svg`: the chart of a check as a plain image, for a page without JavaScript, an e-mail or a wiki.
import { Hono } from 'hono';
import { etag } from 'hono/etag';
import * as z from 'zod';
import { duration, parseDuration } from '#core/duration.ts';
import { chartSvg } from '#web/chart/chartSvg.ts';
import { type Lines, type Scale, usualLines } from '#web/chart/content.ts';
import { zoneOf } from '#web/chart/zone.ts';
import { checkName } from '#web/words.ts';
import { countField } from '#worker/actions/fields.ts';
import { parseInput } from '#worker/actions/parse.ts';
import { readSeries } from '#worker/history/readSeries.ts';
import type { Env } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import type { Page } from '#worker/snapshot/page.ts';
import { readPage } from '#worker/snapshot/read.ts';
import { forVisitors } from '#worker/visitors.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const SHORTEST_MS = 5 * MINUTE_MS;
const LONGEST_MS = 400 * DAY_MS;
/** A number of at least this many is in milliseconds: as seconds it would be the year 5138. */
const MILLISECONDS_FROM = 1e11;

/** An ISO-8601 instant with its zone, or Unix time in seconds or milliseconds. */
const instant = z.string().transform((text, context) => {
  const at = /^\d{1,15}$/.test(text) ? fromUnix(Number(text)) : fromIso(text);
  if (at !== null) return at;
  const message = `is "${text.slice(0, 40)}"; it must be an instant like "2026-11-21T09:00:00Z" or a Unix time`;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

function fromUnix(time: number): number {
  return time < MILLISECONDS_FROM ? time * 1000 : time;
}

function fromIso(text: string): number | null {
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/.test(text))
    return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : at;
}

const scale = z.string().transform((text, context): Scale => {
  if (text === 'dynamic') return text;
  const maxMs = parseDuration(/^\d+$/.test(text) ? `${text}ms` : text);
  if (maxMs !== null && maxMs >= 1 && maxMs <= 5 * MINUTE_MS) return { maxMs };
  const message = `is "${text.slice(0, 40)}"; it must be "dynamic" or the highest RTT shown, like "200ms"`;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

const zone = z.string().refine(isZone, {
  error: ({ input }) =>
    `is "${String(input).slice(0, 40)}"; it must be the name of a time zone, like "Europe/Berlin"`,
});

function isZone(name: string): boolean {
  try {
    zoneOf(name);
    return true;
  } catch {
    return false;
  }
}

const query = z.strictObject({
  /** Ends now. */
  range: duration(SHORTEST_MS, LONGEST_MS).optional(),
  from: instant.optional(),
  to: instant.optional(),
  width: countField(200, 2000).default(960),
  height: countField(60, 1200).default(320),
  theme: z.enum(['light', 'dark']).default('light'),
  scale: scale.default('dynamic'),
  zone: zone.optional(),
  lines: z.enum(['merged', 'locations']).optional(),
  metric: z.string().min(1).max(100).optional(),
});

type Query = z.output<typeof query>;

export const charts = new Hono<Env>();

/** As public as the status page: it shows no more than that does. */
charts.get('/chart/:file{[0-9]{1,15}\\.svg}', etag(), async (c) => {
  const wanted = parseInput(query, c.req.query());
  const range = rangeOf(wanted, c.env.now());
  const checkId = Number.parseInt(c.req.param('file'), 10);
  const title = titleOf(await readPage(c.env), checkId);
  const series = await readSeries(forVisitors(c), checkId, { ...range, stepMs: 'auto' });
  if (series === null) throw noCheck();
  const { width, height, theme, scale, zone } = wanted;
  const { metric } = wanted;
  const lines: Lines = metric === undefined ? (wanted.lines ?? usualLines(series)) : { metric };
  const options = { width, height, theme, scale, lines, title };
  // The series ends where history does; the picture shows what was asked for.
  const svg = chartSvg({ ...series, ...range }, { ...options, ...(zone && { timeZone: zone }) });
  return c.body(svg, 200, {
    'content-type': 'image/svg+xml; charset=UTF-8',
    'cache-control': keeping(range, c.env.now()),
  });
});

/** Whole minutes, so that who asks in the same minute gets the same picture. */
function rangeOf({ range, from, to }: Query, now: number): { fromAt: number; toAt: number } {
  if (range !== undefined && (from !== undefined || to !== undefined)) {
    throw refused('range', 'cannot be given together with from or to');
  }
  const present = Math.ceil(now / MINUTE_MS) * MINUTE_MS;
  const toAt = Math.min(to ?? present, present);
  const fromAt = from ?? toAt - (range ?? DAY_MS);
  if (fromAt >= toAt) throw refused('from', 'must be before to, and before now');
  if (toAt - fromAt < SHORTEST_MS) throw refused('from', 'must be at least 5 minutes before to');
  if (toAt - fromAt > LONGEST_MS) throw refused('from', 'must be at most 400 days before to');
  return { fromAt, toAt };
}

function refused(path: string, message: string): Problem {
  return new Problem('invalid_input', { errors: [{ path, message }] });
}

/** The host's name, and the check's where it has several. */
function titleOf({ model }: Page, checkId: number): string {
  for (const { name, checks } of model.hosts) {
    const check = checks.find(({ id }) => id === checkId);
    if (check) return checks.length > 1 ? `${name} · ${checkName(check)}` : name;
  }
  throw noCheck();
}

function noCheck(): Problem {
  return new Problem('not_found', { detail: 'There is no such check, or it was removed.' });
}

/** What is over changes only by results that come late. */
function keeping({ toAt }: { toAt: number }, now: number): string {
  const seconds = now - toAt > DAY_MS ? 3600 : 60;
  return `public, max-age=${seconds}, stale-while-revalidate=${5 * seconds}, stale-if-error=86400`;
}
