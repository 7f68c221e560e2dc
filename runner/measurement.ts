// A probe's answer, cut to what the wire takes: one probe that says too much must not cost a whole batch.
import { humanRtt } from '#core/duration.ts';
import { isLevel, statusOf } from '#core/level.ts';
import type { Finding, Measurement, Metric, Phases } from '#core/reading.ts';
import { shortened } from '#core/text.ts';

const MAX_TEXT = 200;
const MAX_DETAIL = 4096;
const MAX_METRICS = 50;
const MAX_RTT_US = 600_000_000;
const SLOW_NAME_US = 1_000_000;

/** The same measurement within the limits of `core/wire/results.ts`. */
export function fitted(measurement: Measurement): Measurement {
  const { level, rttUs, code, phases, metrics, detail } = measurement;
  if (level !== null && !isLevel(level)) {
    return failed(`the probe answered the level ${level}, which is not from 100 to 999`);
  }
  const fit: Measurement = {
    level,
    rttUs: rttUs === null ? null : Math.min(MAX_RTT_US, Math.max(0, Math.round(rttUs))),
    code: /^[a-z0-9_.]{1,64}$/.test(code) ? code : 'unable.internal',
    text: shortened(worded(measurement), MAX_TEXT),
  };
  if (phases) fit.phases = fittedPhases(phases);
  if (metrics && metrics.length > 0) fit.metrics = fittedMetrics(metrics);
  if (detail) fit.detail = detail.slice(0, MAX_DETAIL);
  return fit;
}

/** A name that took long is part of the reason: the time limit is of all of it, and the target had only the rest. */
function worded({ level, text, phases }: Measurement): string {
  const dnsUs = phases?.dnsUs ?? 0;
  if (dnsUs < SLOW_NAME_US || level === null || statusOf(level) === 'up') return text;
  const name = `; its name took ${humanRtt(dnsUs)} to resolve`;
  return `${shortened(text, MAX_TEXT - name.length)}${name}`;
}

/** A finding within the limits of `core/wire/ask.ts`. */
export function fittedFinding({ name, ok, expected, got }: Finding): Finding {
  return {
    name: name.slice(0, 100),
    ok,
    expected: expected.slice(0, 1000),
    got: got.slice(0, 500),
  };
}

/** What is said when a probe broke its promise never to throw. */
export function failed(text: string): Measurement {
  return { level: null, rttUs: null, code: 'unable.internal', text: text.slice(0, MAX_TEXT) };
}

function fittedPhases(phases: Phases): Phases {
  if (areFit(phases)) return phases;
  const fit: Record<string, number> = {};
  for (const [name, us] of Object.entries(phases)) {
    if (Number.isFinite(us) && us >= 0) fit[name] = Math.round(us);
  }
  return fit;
}

function areFit(phases: Phases): boolean {
  for (const name in phases) {
    const us = phases[name as keyof Phases];
    if (!Number.isInteger(us) || Number(us) < 0) return false;
  }
  return true;
}

function fittedMetrics(metrics: readonly Metric[]): Metric[] {
  return metrics
    .filter(({ value }) => Number.isFinite(value))
    .slice(0, MAX_METRICS)
    .map(({ name, value, unit }) => ({
      name: name.slice(0, 100),
      value,
      ...(unit !== undefined && { unit: unit.slice(0, 20) }),
    }));
}
