// The registry of the worker's own looks. Another kind is its file, one line here and one in core/checks/fromWorker.ts.
import type { WorkerLookKind } from '#core/checks/fromWorker.ts';
import type { SpecOf } from '#core/checks/index.ts';
import { http } from './http.ts';
import type { WorkerLook } from './probe.ts';
import { tcp } from './tcp.ts';

const LOOKS = { http, tcp } satisfies { [K in WorkerLookKind]: WorkerLook<SpecOf<K>> };

/** The look of a kind, for code that serves all kinds alike. */
export function lookOf(kind: WorkerLookKind): WorkerLook<SpecOf<WorkerLookKind>> {
  return LOOKS[kind] as WorkerLook<SpecOf<WorkerLookKind>>;
}
