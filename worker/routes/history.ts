// The history of a check, for whoever may see the status: series, uptime, and every result as a file.
import { Hono } from 'hono';
import * as z from 'zod';
import { formatDuration, parseDuration } from '#core/duration.ts';
import { STEPS } from '#core/history/steps.ts';
import { instant } from '#worker/actions/fields.ts';
import { identify } from '#worker/auth/middleware.ts';
import { exportResults, FORMATS } from '#worker/history/export.ts';
import { readSeries, type SeriesRange } from '#worker/history/readSeries.ts';
import { readUptime, type UptimeWindow } from '#worker/history/readUptime.ts';
import type { AppContext, Env } from '#worker/platform.ts';
import { Problem, parseOrRefuse } from '#worker/problem.ts';
import type { Operation } from './api/operation.ts';
import { toJson } from './json.ts';

const DAY_MS = 86_400_000;
const MAX_SPAN_MS = 400 * DAY_MS;
const MAX_POINTS = 10_000;

const time = z.iso
  .datetime({ offset: true, error: 'must be an instant like 2026-11-21T09:00:00Z' })
  .transform((text) => Date.parse(text));

const steps = STEPS.map(formatDuration).join(', ');

const step = z.string().transform((text, context): number | 'auto' => {
  if (text === 'auto') return 'auto';
  if (text === 'raw') return 0;
  const ms = parseDuration(text);
  if (ms !== null && STEPS.includes(ms)) return ms;
  context.addIssue({
    code: 'custom',
    message: `must be auto, raw or one of ${steps}; it is "${text.slice(0, 20)}"`,
  });
  return z.NEVER;
});

const rangeFields = { from: time.optional(), to: time.optional() };
const seriesQuery = z.strictObject({ ...rangeFields, step: step.default('auto') });
const resultsQuery = z.strictObject(rangeFields);

const WINDOWS = ['24h', '7d', '30d', '90d', '365d'] as const;

const uptimeQuery = z.strictObject({
  window: z
    .string()
    .default(WINDOWS.join(','))
    .transform((text, context): UptimeWindow[] => {
      const windows = text.split(',');
      const wrong = windows.find((each) => !isWindow(each));
      if (wrong === undefined && windows.length <= 24) return windows as UptimeWindow[];
      context.addIssue({
        code: 'custom',
        message: `must be at most 24 of ${WINDOWS.join(', ')} and months like 2026-11; "${(wrong ?? text).slice(0, 20)}" is not`,
      });
      return z.NEVER;
    }),
});

function isWindow(text: string): boolean {
  return (WINDOWS as readonly string[]).includes(text) || /^\d{4}-(0[1-9]|1[0-2])$/.test(text);
}

export const history = new Hono<Env>();

history.get('/checks/:id/series', identify, async (c) => {
  const query = parseOrRefuse(seriesQuery, c.req.query());
  const range = rangeOf(c, query, DAY_MS);
  refuseTooMany({ ...range, stepMs: query.step });
  const series = await readSeries(c.env, idOf(c), { ...range, stepMs: query.step });
  if (series === null) throw noCheck(c);
  const { corrupt, ...told } = series;
  const gaps = corrupt?.map((at) => new Date(at).toISOString());
  return json({ ...told, ...(gaps && { corrupt: gaps }) });
});

history.get('/checks/:id/uptime', identify, async (c) => {
  const { window } = parseOrRefuse(uptimeQuery, c.req.query());
  const uptime = await readUptime(c.env, idOf(c), window);
  if (uptime === null) throw noCheck(c);
  return json({ checkId: idOf(c), uptime });
});

const FORMAT_NAMES = Object.keys(FORMATS) as Array<keyof typeof FORMATS>;

for (const format of FORMAT_NAMES) {
  history.get(`/checks/:id/results.${format}`, identify, async (c) => {
    const range = rangeOf(c, parseOrRefuse(resultsQuery, c.req.query()), DAY_MS);
    const body = await exportResults(c.env, idOf(c), { ...range, format });
    if (body === null) throw noCheck(c);
    return new Response(body, {
      headers: {
        'content-type': FORMATS[format].type,
        'content-disposition': `attachment; filename="check-${idOf(c)}.${format}"`,
        'cache-control': 'no-store',
      },
    });
  });
}

function idOf(c: AppContext): number {
  const id = c.req.param('id') ?? '';
  if (!/^[1-9]\d{0,9}$/.test(id)) throw noCheck(c);
  return Number(id);
}

function noCheck(c: AppContext): Problem {
  return new Problem('not_found', {
    detail: `There is no check ${(c.req.param('id') ?? '').slice(0, 20)}.`,
  });
}

/** Until now unless said otherwise, and `spanMs` long. */
function rangeOf(
  { env }: AppContext,
  { from, to }: { from?: number | undefined; to?: number | undefined },
  spanMs: number,
): Pick<SeriesRange, 'fromAt' | 'toAt'> {
  const toAt = to ?? env.now();
  const fromAt = from ?? toAt - spanMs;
  if (fromAt >= toAt) throw refusal('from', 'must be before `to`');
  if (toAt - fromAt > MAX_SPAN_MS) throw refusal('from', 'may be at most 400 days before `to`');
  return { fromAt, toAt };
}

function refuseTooMany({ fromAt, toAt, stepMs }: SeriesRange): void {
  // Readings are a second apart at the closest; mostly a minute.
  const points = stepMs === 'auto' ? 0 : (toAt - fromAt) / (stepMs === 0 ? 15_000 : stepMs);
  if (points <= MAX_POINTS) return;
  throw refusal(
    'step',
    `is too fine for this range: at most ${MAX_POINTS} points are drawn; take a wider step or auto`,
  );
}

function refusal(path: string, message: string): Problem {
  return new Problem('invalid_input', { errors: [{ path, message }] });
}

function json(value: unknown): Response {
  return new Response(toJson(value), {
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  });
}

const times = {
  upMs: z.int(),
  degradedMs: z.int(),
  downMs: z.int(),
  unknownMs: z.int(),
  maintenanceMs: z.int(),
};
const us = z.int();
const line = {
  points: z.array(
    z.object({
      at: instant,
      stepMs: z.int(),
      count: z.int(),
      lost: z.int(),
      rtt: z.object({ minUs: us, avgUs: us, p50Us: us, p95Us: us, maxUs: us }).nullable(),
      ...times,
    }),
  ),
  bands: z.array(
    z.object({
      fromAt: instant,
      toAt: instant,
      status: z.enum(['up', 'degraded', 'down', 'unknown', 'maintenance']),
    }),
  ),
};

/** For the documentation: answered here, not by an action. */
export const HISTORY_OPERATIONS: readonly Operation[] = [
  {
    method: 'get',
    path: '/checks/:id/series',
    summary: `What a check did over time. step: auto, raw, ${steps}`,
    role: 'anyone',
    input: z.object({
      from: z.string().optional(),
      to: z.string().optional(),
      step: z.string().optional(),
    }),
    answer: z.object({
      checkId: z.int(),
      fromAt: instant,
      toAt: instant,
      stepMs: z.int(),
      merged: z.object(line),
      locations: z.array(z.object({ locationId: z.int(), name: z.string(), ...line })),
      metrics: z
        .array(
          z.object({
            name: z.string(),
            unit: z.string().optional(),
            points: z.array(z.object({ at: instant, value: z.number() })),
          }),
        )
        .optional(),
      corrupt: z
        .array(z.iso.datetime())
        .optional()
        .meta({ description: 'starts of hours that cannot be read: gaps' }),
    }),
    act: unreachable,
  },
  {
    method: 'get',
    path: '/checks/:id/uptime',
    summary:
      'How much of the known time a check could be reached: 24h, 7d, 30d, 90d, 365d or a month (2026-11)',
    role: 'anyone',
    input: z.object({ window: z.string().optional() }),
    answer: z.object({
      checkId: z.int(),
      uptime: z.array(
        z.object({
          window: z.string(),
          fromAt: instant,
          toAt: instant,
          uptime: z.number().nullable(),
          ...times,
          incidents: z.int(),
        }),
      ),
    }),
    act: unreachable,
  },
  ...FORMAT_NAMES.map(
    (format): Operation => ({
      method: 'get',
      path: `/checks/:id/results.${format}`,
      summary: `Every result of a check as ${format}; the last day unless told`,
      role: 'anyone',
      input: z.object({ from: z.string().optional(), to: z.string().optional() }),
      media: FORMATS[format].type.split(';')[0] as string,
      act: unreachable,
    }),
  ),
];

function unreachable(): Promise<never> {
  throw new Problem('not_found');
}
