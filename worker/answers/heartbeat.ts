import { watch } from '#core/beats.ts';
import type { Answer } from './answer.ts';

/** Calls are heard by beat.ts; here it is noticed that one did not come. */
export const heartbeat: Answer<'heartbeat'> = {
  looksAtOthers: false,
  isCalled: true,
  isSet: false,
  look: watch,
};
