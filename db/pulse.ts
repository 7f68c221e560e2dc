// The one row of the worker's pulse, with what is remembered of the runners.
import type { Row } from '@libsql/client';
import type { FleetState } from '#core/fleet.ts';
import { NO_PULSE, type Pulse } from '#core/pulse.ts';

export const PULSE_SQL =
  'select version, tick_at, grace_until_at, frozen_at, fleet from pulse where id = 1';

export interface PulseRecord {
  pulse: Pulse;
  /** 0 = there is no row yet. */
  version: number;
  fleetState: FleetState;
}

export function pulseRecord(row: Row | undefined): PulseRecord {
  if (!row) return { pulse: NO_PULSE, version: 0, fleetState: {} };
  return {
    pulse: {
      tickAt: Number(row.tick_at),
      graceUntilAt: Number(row.grace_until_at),
      frozenAt: Number(row.frozen_at),
    },
    version: Number(row.version),
    fleetState: JSON.parse(String(row.fleet)) as FleetState,
  };
}
