// The status as `GET /api/v1/status` and the pages tell it (DESIGN §7). Instants are epoch ms.
import type { Level, Status } from '#core/level.ts';
import type { MissingReason } from '#core/merge.ts';

export interface LocationStatus {
  location: string;
  status: Status;
  level: Level | null;
  rttUs: number | null;
  /** Newest reading, epoch ms; null = none. */
  at: number | null;
  /** Why it has no vote; null when it has one. */
  missing: MissingReason | null;
  reason: ReasonText;
}

/** A stable code with words; without the right to details the words name no address. */
export interface ReasonText {
  code: string;
  text: string;
}

export interface CheckStatus {
  id: number;
  name: string;
  kind: string;
  /** Empty without the right to details. */
  target: string;
  status: Status;
  level: Level | null;
  rttUs: number | null;
  /** When the status began; null while it never had one. */
  since: number | null;
  reason: ReasonText;
  /** Who sees what, in one sentence. */
  sentence: string;
  disputed: boolean;
  paused: boolean;
  locations: LocationStatus[];
}

/** Planned work that is under way or to come. */
export interface MaintenanceStatus {
  id: number;
  title: string;
  from: number;
  until: number;
  /** Null = all of them. */
  hostIds: number[] | null;
}

export interface HostStatus {
  id: number;
  name: string;
  group: string;
  status: Status;
  level: Level | null;
  since: number | null;
  paused: boolean;
  /** The planned work it is in; its status goes on beneath, and does not count for the page. */
  maintenance: { title: string; until: number } | null;
  checks: CheckStatus[];
}

export interface StatusModel {
  status: Status;
  level: Level | null;
  asOf: number;
  hosts: HostStatus[];
  /** Runners that may work, and those of them not heard of for too long. */
  runners: { active: number; silent: number };
  /** The worker was not there and counts by what it heard until then; absent or null = it is up to date. */
  deafSinceAt?: number | null;
  maintenances: MaintenanceStatus[];
}
