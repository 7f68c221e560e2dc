// What is used, as the action gives it.
import type { LookRoomModel } from './adminModels.ts';

export interface Amounts<T = number> {
  rowsRead: T;
  rowsWritten: T;
  requests: T;
}

export interface UsagePeriod {
  counted: Amounts;
  /** Null: too little was counted to say. */
  projected: Amounts | null;
  /** Null = as much as one likes. */
  limits: Amounts<number | null>;
}

interface PlanWords {
  title: string;
  beyond: 'blocked' | 'billed' | 'nothing';
  asOf: string | null;
}

export interface AddedCost extends Amounts {
  interval: string;
  locations: number;
  /** Of what a day may use; null = no limits. */
  share: number | null;
}

export interface UsageModel {
  asOf: number;
  billed: boolean;
  plans: { database: PlanWords; worker: PlanWords };
  today: UsagePeriod;
  month: UsagePeriod;
  storage: { bytes: number; counted: boolean; limit: number | null };
  flush: { every: string; by: 'person' | 'plan' | 'platform'; why: string };
  fromWorker: LookRoomModel;
  oneMoreCheck: AddedCost[];
}
