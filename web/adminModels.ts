// What the admin pages are made from, as the actions give it. Instants are epoch ms; secrets are never among it.
import type { Finding, Phases } from '#core/reading.ts';
import type { Standing } from '#core/standing.ts';
import type { EvidencePack } from '#core/wire/evidence.ts';
import type { RunnerHealth } from '#core/wire/health.ts';
import type { CheckModel, IncidentModel } from './models.ts';

/** What one runner saw when a check turned for it. */
export interface EvidenceForm
  extends Pick<EvidencePack, 'turn' | 'at' | 'level' | 'code' | 'text' | 'seen'> {
  /** Null when it is gone. */
  location: string | null;
  runner: string | null;
}

export interface IncidentForm extends IncidentModel {
  evidence: readonly EvidenceForm[];
}

export type PolicyWords =
  | 'any'
  | 'majority'
  | 'all'
  | { type: 'atLeast'; n: number }
  | { type: 'required'; locations: string[] };

/** A check as it is written; the kind's own fields stand beside these. */
export interface CheckForm extends Record<string, unknown> {
  id: number;
  kind: string;
  name: string;
  target: string;
  interval: string;
  cron?: string | undefined;
  zone?: string | undefined;
  timeout: string;
  retryAfter: string;
  failures: number;
  successes: number;
  policy: PolicyWords;
  locations: 'all' | string[] | { tags: string[] };
  runner: string | number | null;
  paused: boolean;
  tags: string[];
  invert?: boolean | undefined;
}

/** What only those see who may change the check. */
export interface HeartbeatForm {
  checkId: number;
  url: string | null;
  lastAt: number | null;
  startedAt: number | null;
  runMs: number | null;
  body: string | null;
  bodyAt: number | null;
}

/** A member of a group as it stands now. */
export interface MemberModel {
  name: string;
  /** Null = it is not there any more. */
  hostId: number | null;
  status: CheckModel['status'] | 'paused';
  weight: number;
}

/** What Anyup answers itself has more to show than what locations say. */
export interface AnsweredModel {
  heartbeat?: HeartbeatForm | undefined;
  members?: MemberModel[] | undefined;
  /** People set it. */
  isSet: boolean;
}

export interface HostForm {
  id: number;
  name: string;
  group: string;
  tags: string[];
  paused: boolean;
  checks: CheckForm[];
}

/** The outcome of trying a check before it is saved. */
export interface TryModel {
  askId: string;
  state: 'waiting' | 'taken' | 'answered' | 'expired';
  runner: string;
  status: CheckModel['status'] | null;
  words: string;
  measurement: {
    rttUs: number | null;
    code: string;
    text: string;
    phases?: { [Part in keyof Phases]?: number | undefined } | undefined;
    metrics?: ReadonlyArray<{ name: string; value: number; unit?: string | undefined }> | undefined;
    detail?: string | undefined;
  } | null;
  findings: readonly Finding[];
  /** "name: value" a line. */
  certificate: string | null;
  proposes: { protocol: string } | null;
  /** Look again after this; null when it is over. */
  pollAfterMs: number | null;
}

export interface RunnerModel {
  id: number;
  name: string;
  /** Null: not placed yet, so without a vote. */
  location: string | null;
  status: 'pending' | 'active' | 'disabled' | 'revoked';
  version: string;
  capabilities: {
    icmp: string | null;
    icmpReason?: string | undefined;
    ipv6: boolean;
    scripts: string[];
  };
  askedLocation: string | null;
  lastSeenAt: number | null;
  silent: boolean;
  standing: Standing;
  /** How it stands, in one sentence. */
  sentence: string;
  /** Its turn among the dead-men, from 0; null = it is none. */
  deadmanRank: number | null;
  health: RunnerHealthModel | null;
  enrolledAt: number;
}

export interface RunnerHealthModel extends RunnerHealth {
  heardAt: number;
}

/** A check that a runner cannot measure. */
export interface UnableModel {
  hostId: number;
  host: string;
  checkId: number;
  /** Empty when the target says enough. */
  check: string;
  kind: string;
  target: string;
  text: string;
  /** What its owner does; empty = nothing is known to help. */
  mend: string;
}

export type CanaryModel = RunnerHealth['canaries'][number];

export type JoinPolicy = 'code' | 'ask' | 'auto';

export interface LocationRow {
  id: number;
  name: string;
  enabled: boolean;
  tags: string[];
  runners: string[];
}

export interface JoinCode {
  id: string;
  name: string | null;
  location: string | null;
  usesLeft: number;
  expiresAt: number;
}

export interface NewJoinCode extends JoinCode {
  code: string;
  command: string;
  container: string;
  warning: { text: string; command: string } | null;
}

export interface ChannelModel {
  id: number;
  name: string;
  kind: string;
  enabled: boolean;
  settings: Record<string, unknown>;
  hasSecrets: boolean;
}

export interface RuleModel {
  id: number;
  channelId: number;
  match: { groups?: string[] | undefined; hosts?: number[] | undefined };
  from: 'degraded' | 'down';
  fleet: boolean;
}

export interface DeliveryModel {
  id: number;
  channel: string;
  subject: string;
  status: 'owed' | 'sent' | 'failed';
  attempts: number;
  dueAt: number;
  createdAt: number;
  sentAt: number | null;
  receipt: string | null;
  error: string | null;
}

export interface SettingsModel {
  title: string;
  revealDetails: boolean;
  flush: string | null;
  /** Names of plans; null = as the platform suggests. */
  planDatabase: string | null;
  planWorker: string | null;
  /** The worker itself looks at targets. */
  fromWorker: boolean;
}

/** How much of what the worker may look at in a minute is asked of it. */
export interface LookRoomModel {
  on: boolean;
  possible: boolean;
  checks: number;
  wanted: number;
  most: number;
}

export interface TokenModel {
  id: number;
  name: string;
  scope: 'read' | 'write';
  createdAt: number;
  expiresAt: number | null;
}

export interface AuditModel {
  id: number;
  at: number;
  actor: string;
  action: string;
  subject: string;
}
