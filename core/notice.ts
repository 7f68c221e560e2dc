// A notice: one thing people are to be told, complete in itself, so that sending it needs no other read.
import type { KnownStatus, Level, Status } from './level.ts';
import type { MissingReason } from './merge.ts';

/** What one location said when the notice was made. */
export interface Voice {
  location: string;
  status: Status;
  missing: MissingReason | null;
  rttUs: number | null;
  /** Plain words, empty when it is up. */
  text: string;
}

interface NoticeBase {
  /** Owed once per channel: the same key is never owed twice. */
  key: string;
  /** When it was decided, epoch ms. */
  at: number;
  /** Where to read on: an absolute address. */
  url: string;
}

/** Who a check is, as people know it. */
export interface Subject {
  hostId: number;
  hostName: string;
  group: string;
  checkId: number;
  /** Empty when the host has only this check. */
  checkName: string;
  kind: string;
  target: string;
}

export interface CheckNotice extends NoticeBase {
  type: 'check';
  subject: Subject;
  from: KnownStatus | null;
  to: KnownStatus;
  /** The worst status of the incident it belongs to, this one included. */
  worst: KnownStatus;
  level: Level;
  /** When the new status began. */
  sinceAt: number;
  /** Start of the incident it belongs to; with `to: 'up'` the outage lasted from here to `sinceAt`. */
  incidentOpenedAt: number | null;
  reason: { code: string; text: string };
  voices: Voice[];
  /** Names of hosts that fell silent, or came back, with this one. */
  withIt?: string[];
}

export interface DisputedNotice extends NoticeBase {
  type: 'disputed';
  subject: Subject;
  /** The one location that says up. */
  location: string;
  voices: Voice[];
}

export interface FleetNotice extends NoticeBase {
  type: 'fleet';
  event:
    | 'silent'
    | 'all_silent'
    | 'back'
    | 'deaf'
    | 'quarantined'
    | 'trusted'
    | 'blind'
    | 'sees'
    | 'behind'
    | 'caught_up';
  runners: Array<{ name: string; location: string }>;
  /** Since when silent, deaf, quarantined or blind. */
  sinceAt: number;
  /** Of a deaf worker: until when. */
  untilAt: number | null;
}

export interface TestNotice extends NoticeBase {
  type: 'test';
  channelName: string;
}

export type Notice = CheckNotice | DisputedNotice | FleetNotice | TestNotice;
