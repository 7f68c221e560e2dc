// What the public pages are made from; worker/status.ts gives the same. Instants are epoch ms; nothing here is secret.
import type { Level, Status } from '#core/level.ts';
import type { MissingReason } from '#core/merge.ts';
import type { DayRow } from './chart/days.ts';

/** What one location says of a check. */
export interface LocationModel {
  location: string;
  status: Status;
  level: Level | null;
  rttUs: number | null;
  /** Newest reading; null = none yet. */
  at: number | null;
  /** Why it has no vote; null when it has one. */
  missing: MissingReason | null;
  reason: ReasonModel;
}

export interface ReasonModel {
  code: string;
  text: string;
}

export interface CheckModel {
  id: number;
  /** Empty when the target says enough. */
  name: string;
  kind: string;
  /** Empty without the right to details. */
  target: string;
  status: Status;
  level: Level | null;
  rttUs: number | null;
  since: number | null;
  reason: ReasonModel;
  /** Who sees what: "up, but not from Office". */
  sentence: string;
  disputed: boolean;
  paused: boolean;
  locations: LocationModel[];
}

export interface HostModel {
  id: number;
  name: string;
  group: string;
  status: Status;
  level: Level | null;
  since: number | null;
  paused: boolean;
  /** The planned work it is in. */
  maintenance?: { title: string; until: number } | null;
  checks: CheckModel[];
  /** Its last 90 days, on pages only; absent until there is history. */
  days?: DayRow;
}

/** Planned work that is under way or to come. */
export interface MaintenanceModel {
  id: number;
  title: string;
  from: number;
  until: number;
  /** Null = all of them. */
  hostIds: number[] | null;
}

/** Everything that is watched, as it is held to be right now. */
export interface StatusModel {
  status: Status;
  asOf: number;
  hosts: HostModel[];
  runners: { active: number; silent: number };
  /** The worker was not there and counts by what it heard until then; absent or null = it is up to date. */
  deafSinceAt?: number | null;
  maintenances?: MaintenanceModel[];
}

/** What every page needs to know of the place it is shown in. */
export interface Site {
  /** Title of the status page. */
  title: string;
  signedIn: boolean;
  /** Public origin. */
  url: string;
  /** How often an open page asks anew, seconds. */
  refreshS: number;
}

/** A change of a check's status. */
export interface FlipModel {
  id: number;
  /** Empty when the host has only this check. */
  check: string;
  from: string;
  to: string;
  since: number;
  text: string;
}

export interface IncidentModel {
  id: number;
  hostId: number | null;
  /** Empty when the host is gone. */
  host: string;
  check: string;
  openedAt: number;
  /** Null while it lasts. */
  closedAt: number | null;
  worst: string;
  text: string;
}
