// What a kind that the worker answers itself has to give: one function a kind (index.ts is their registry).
import type { SpecOf, WorkerKind } from '#core/checks/index.ts';
import type { MemberState } from '#core/grouping.ts';
import type { Moment, Said } from '#core/said.ts';

export interface Look extends Moment {
  /** What other checks are, for kinds that look at them. */
  members: () => MemberState[];
}

export interface Answer<K extends WorkerKind = WorkerKind> {
  /** It is made of what is held of other checks, so it is looked at again when they change. */
  readonly looksAtOthers: boolean;
  /** Jobs call it, so it has a secret address. */
  readonly isCalled: boolean;
  /** People set what it says. */
  readonly isSet: boolean;
  /** What is to be held from now on; the same object when nothing changes. */
  look(said: Said, spec: SpecOf<K>, look: Look): Said;
}
