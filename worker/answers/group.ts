import { groupWord } from '#core/grouping.ts';
import { statusOf } from '#core/level.ts';
import type { Answer } from './answer.ts';

export const group: Answer<'group'> = {
  looksAtOthers: true,
  isCalled: false,
  isSet: false,
  look(said, spec, { now, rev, members }) {
    const { level, text } = groupWord(spec, members());
    const code = level === null || statusOf(level) === 'up' ? 'ok' : 'group.members';
    if (said.level === level && said.code === code && said.text === text) return said;
    return { ...said, rev, level, code, text, lastAt: now };
  },
};
