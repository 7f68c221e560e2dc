// The series from the API: instants may be ISO text or epoch ms.
import type { Series, SeriesLine } from '#core/history/series.ts';
import type { Window } from './window.ts';

type Instant = number | string;

interface GivenLine {
  points: Array<Omit<SeriesLine['points'][number], 'at'> & { at: Instant }>;
  bands: Array<
    Omit<SeriesLine['bands'][number], 'fromAt' | 'toAt'> & { fromAt: Instant; toAt: Instant }
  >;
}

interface GivenSeries {
  checkId: number;
  fromAt: Instant;
  toAt: Instant;
  stepMs: number;
  merged: GivenLine;
  locations: Array<{ locationId: number; name: string } & GivenLine>;
  metrics?: Array<{ name: string; unit?: string; points: Array<{ at: Instant; value: number }> }>;
}

/** Throws when there is none to be had. */
export async function fetchSeries(
  address: string,
  { fromAt, toAt }: Window,
  signal: AbortSignal,
): Promise<Series> {
  const url = new URL(address, location.href);
  url.searchParams.set('from', new Date(fromAt).toISOString());
  url.searchParams.set('to', new Date(toAt).toISOString());
  url.searchParams.set('step', 'auto');
  const answer = await fetch(url, { headers: { accept: 'application/json' }, signal });
  if (!answer.ok) throw new Error(`the series: ${answer.status}`);
  const body = (await answer.json()) as GivenSeries | { series: GivenSeries };
  return seriesOf('series' in body ? body.series : body);
}

function seriesOf(given: GivenSeries): Series {
  const { merged, locations, metrics, fromAt, toAt, ...rest } = given;
  return {
    ...rest,
    fromAt: ms(fromAt),
    toAt: ms(toAt),
    merged: lineOf(merged),
    locations: locations.map((each) => ({ ...each, ...lineOf(each) })),
    ...(metrics && {
      metrics: metrics.map((metric) => ({
        ...metric,
        points: metric.points.map(({ at, value }) => ({ at: ms(at), value })),
      })),
    }),
  };
}

function lineOf({ points, bands }: GivenLine): SeriesLine {
  return {
    points: points.map((point) => ({ ...point, at: ms(point.at) })),
    bands: bands.map((band) => ({ ...band, fromAt: ms(band.fromAt), toAt: ms(band.toAt) })),
  };
}

function ms(instant: Instant): number {
  return typeof instant === 'number' ? instant : Date.parse(instant);
}
