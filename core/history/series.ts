// What a chart, a bar and an export are drawn from. Instants are epoch ms, days are UTC days.
import type { Status } from '../level.ts';

/** Time by what was known of it. Maintenance covers the others; the five together make the whole. */
export interface StatusTimes {
  upMs: number;
  degradedMs: number;
  downMs: number;
  /** Nobody could tell: no reading, not confirmed, contradicting and missing witnesses. */
  unknownMs: number;
  maintenanceMs: number;
}

/** Round trips of good readings, µs. */
export interface RttFigures {
  minUs: number;
  avgUs: number;
  p50Us: number;
  p95Us: number;
  maxUs: number;
}

/** One step of a line; at step 0 ("raw") one reading. */
export interface SeriesPoint extends StatusTimes {
  at: number;
  stepMs: number;
  /** Results taken, good or bad. */
  count: number;
  /** Bad readings that hysteresis kept from being called down. */
  lost: number;
  rtt: RttFigures | null;
}

/** What is drawn of a stretch: planned work is shown over whatever was recorded. */
export type ShownStatus = Status | 'maintenance';

/** A run of one status, not a point. Neighbours touch and differ. */
export interface SeriesBand {
  fromAt: number;
  toAt: number;
  status: ShownStatus;
}

export interface SeriesLine {
  points: SeriesPoint[];
  bands: SeriesBand[];
}

export interface MetricLine {
  name: string;
  unit?: string;
  points: Array<{ at: number; value: number }>;
}

/** The history of one check: what was held true (`merged`), and what each location saw. */
export interface Series {
  checkId: number;
  fromAt: number;
  toAt: number;
  /** 0 = a point for each reading. */
  stepMs: number;
  merged: SeriesLine;
  locations: Array<{ locationId: number; name: string } & SeriesLine>;
  metrics?: MetricLine[];
  /** Hours that should be there and cannot be read: shown as gaps. */
  corrupt?: number[];
}

/** One UTC day of one check, for the bars. */
export interface DayBar extends StatusTimes {
  /** YYYY-MM-DD */
  day: string;
  /** The worst known status of the day that counted; unknown when nothing is known. */
  status: ShownStatus;
  /** Percent, three digits, never rounded up; null when nothing is known. */
  uptime: number | null;
  /** How often it left "up". */
  incidents: number;
}
