import { expect, test } from 'vitest';
import { Telling } from '#runner/tcp/telling.ts';

test('a kernel that has not begun to tell yet is given time to', () => {
  const telling = new Telling(500);
  telling.note(false, 501);
  telling.note(false, 9000);
  expect(telling.isMute()).toBe(false);
});

test('one that told nothing in all that time is mute', () => {
  const telling = new Telling(500);
  expect(telling.isMute()).toBe(false);
  telling.note(false, 11_000);
  expect(telling.isMute()).toBe(true);
});

test('one that told once is not mute because of one that it did not tell', () => {
  const telling = new Telling(500);
  telling.note(true, 600);
  telling.note(false, 20_000);
  expect(telling.isMute()).toBe(false);
});
