// History as charts, bars and the API read it: points of one step, and the runs of status behind them.
import type { Status } from '../level.ts';

export interface RttFigures {
  minUs: number;
  avgUs: number;
  p50Us: number;
  p95Us: number;
  maxUs: number;
}

export interface SeriesPoint {
  /** Start of the step, epoch ms. */
  at: number;
  stepMs: number;
  /** Readings in it. */
  count: number;
  /** Of the good readings; null = none. */
  rtt: RttFigures | null;
  upMs: number;
  degradedMs: number;
  downMs: number;
  unknownMs: number;
  maintenanceMs: number;
}

/** A run of one status: what was decided, not what was drawn. */
export interface SeriesBand {
  fromAt: number;
  toAt: number;
  status: Status;
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

export interface Series {
  checkId: number;
  fromAt: number;
  toAt: number;
  stepMs: number;
  /** Under the check's policy. */
  merged: SeriesLine;
  locations: Array<{ locationId: number; name: string } & SeriesLine>;
  metrics?: MetricLine[];
}

/** One UTC day of a host or check. */
export interface DayBar {
  /** YYYY-MM-DD. */
  day: string;
  status: Status;
  /** 0 … 1 of the known time; null = nothing known. */
  uptime: number | null;
  upMs: number;
  degradedMs: number;
  downMs: number;
  unknownMs: number;
  maintenanceMs: number;
  incidents: number;
}
