// The truth: how each target is, seen from each location, at each moment.
import type { Measurement } from '#core/reading.ts';

export type Health = 'up' | 'degraded' | 'down';

/** A time in which a target is not well, for some locations or (null) for all. */
export interface Condition {
  target: string;
  locations: string[] | null;
  from: number;
  to: number;
  how: 'degraded' | 'refused' | 'hangs' | 'flaps';
}

const FLAP_MS = 7000;

export class Targets {
  readonly conditions: Condition[] = [];

  /** How a target really is from a location; who flaps is down and up in turns. */
  health(target: string, location: string, at: number): Health {
    let worst: Health = 'up';
    for (const each of this.#of(target, location)) {
      if (at < each.from || at >= each.to) continue;
      if (each.how === 'degraded') worst = worst === 'down' ? 'down' : 'degraded';
      else if (each.how !== 'flaps' || Math.floor((at - each.from) / FLAP_MS) % 2 === 0)
        worst = 'down';
    }
    return worst;
  }

  /** Since when it has been exactly as it is now; a time of flapping counts as change until it ends. */
  steadySince(target: string, location: string, at: number): number {
    let since = 0;
    for (const each of this.#of(target, location)) {
      if (each.from <= at) since = Math.max(since, each.from);
      if (each.to <= at) since = Math.max(since, each.to);
      if (each.how === 'flaps' && each.from <= at && at < each.to) since = at;
    }
    return since;
  }

  /** What a probe is answered now, and after how long; null = nothing before the probe's time is up. */
  answer(target: string, location: string, at: number): { health: Health; hangs: boolean } {
    const hangs = this.#of(target, location).some(
      (each) => each.how === 'hangs' && at >= each.from && at < each.to,
    );
    return { health: this.health(target, location, at), hangs };
  }

  #of(target: string, location: string): Condition[] {
    return this.conditions.filter(
      (each) =>
        each.target === target && (each.locations === null || each.locations.includes(location)),
    );
  }
}

/** A measurement that carries its own number, so that it is known again wherever it turns up. */
export function measured(serial: number, health: Health, timedOut: boolean): Measurement {
  if (health === 'up') return { level: 100, rttUs: 1000 + serial, code: 'ok', text: '' };
  if (health === 'degraded') {
    return { level: 250, rttUs: 1_000_000, code: 'slow', text: `slow #${serial}` };
  }
  const code = timedOut ? 'connect.timeout' : 'connect.refused';
  return { level: 500, rttUs: null, code, text: `${code} #${serial}` };
}

/** What a runner says that could not measure. */
export function unable(serial: number): Measurement {
  return { level: null, rttUs: null, code: 'unable.resources', text: `no descriptors #${serial}` };
}

/** The number of a measurement of `measured` or `unable`. */
export function serialOf({ rttUs, text }: Pick<Measurement, 'rttUs' | 'text'>): number {
  const match = /#(\d+)$/.exec(text);
  return match ? Number(match[1]) : (rttUs ?? 0) - 1000;
}
