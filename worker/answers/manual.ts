import type { Answer } from './answer.ts';

/** It stays as somebody set it (worker/actions/checks/setStatus.ts). */
export const manual: Answer<'manual'> = {
  looksAtOthers: false,
  isCalled: false,
  isSet: true,
  look: (said) => said,
};
