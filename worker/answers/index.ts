// The registry of answers. A new kind that the worker answers is its file and one line here (and one in core/checks).
import { isWorkerKind, WORKER_KIND_NAMES, type WorkerKind } from '#core/checks/index.ts';
import type { Answer } from './answer.ts';
import { group } from './group.ts';
import { heartbeat } from './heartbeat.ts';
import { manual } from './manual.ts';

export const ANSWERS = { heartbeat, group, manual } satisfies { [K in WorkerKind]: Answer<K> };

/** The answer of a kind, for code that serves all kinds alike. */
export function answerOf(kind: WorkerKind): Answer {
  return ANSWERS[kind] as unknown as Answer;
}

/** Kinds by what they declare of themselves. */
export const LOOKING_AT_OTHERS = WORKER_KIND_NAMES.filter((kind) => ANSWERS[kind].looksAtOthers);
export const SET = WORKER_KIND_NAMES.filter((kind) => ANSWERS[kind].isSet);
export const CALLED = WORKER_KIND_NAMES.filter((kind) => ANSWERS[kind].isCalled);

/** Has a check of this kind an address that jobs call? */
export function isCalled(kind: string): boolean {
  return isWorkerKind(kind) && ANSWERS[kind].isCalled;
}
