import { describe, expect, it } from 'vitest';
import {
  alarmMessage,
  clearMessage,
  type DeadmanState,
  delivered,
  owedNow,
  QUIET,
  type Rank,
  type Seen,
  stepDeadman,
  type Trouble,
} from '#core/deadman.ts';

const MINUTE = 60_000;
const RULE = { afterMs: 3 * MINUTE, settleMs: MINUTE, channels: ['phone', 'mail'] };
const STUCK: Trouble = { kind: 'not_dispatching', what: 'its tick has not run' };
const GONE: Trouble = { kind: 'unreachable', what: 'connection refused' };
const START = Date.UTC(2026, 10, 28, 9, 4, 0);

/** Looks every 30 s; each is a trouble, null for well, or 'blind'. */
function live(
  looks: Array<Trouble | null | 'blind'>,
  { from = QUIET, rank = null }: { from?: DeadmanState; rank?: Rank | null } = {},
): DeadmanState[] {
  let state = from;
  return looks.map((look, index) => {
    const seen: Seen = {
      trouble: look === 'blind' ? GONE : look,
      sees: look !== 'blind',
      passedMs: 30_000,
      now: START + index * 30_000,
    };
    state = stepDeadman(state, seen, RULE, rank);
    return state;
  });
}

const times = <T>(n: number, what: T): T[] => Array.from({ length: n }, () => what);

/** After how many minutes of trouble the alarm is raised. */
function minutesUntilAlarm(rank: Rank | null): number {
  const states = live(times(100, GONE), { rank });
  return states.findIndex(({ alarm }) => alarm !== null) / 2;
}

describe('when a dead-man speaks', () => {
  it('the first after 3 minutes, each further one 3 minutes later', () => {
    expect(minutesUntilAlarm({ rank: 0, of: 4 })).toBe(3);
    expect(minutesUntilAlarm({ rank: 1, of: 4 })).toBe(6);
    expect(minutesUntilAlarm({ rank: 3, of: 4 })).toBe(12);
  });

  it('one that was never told its rank is the first: twice is better than never', () => {
    expect(minutesUntilAlarm(null)).toBe(3);
  });

  it('says it once, however long it lasts and whatever else goes wrong', () => {
    const states = live([...times(20, GONE), ...times(20, STUCK)]);
    const raised = states.filter((state, i) => state.alarm !== null && !states[i - 1]?.alarm);
    expect(raised).toHaveLength(1);
  });

  it('says nothing of a worker that came back before its turn', () => {
    const states = live([...times(6, GONE), null, ...times(6, GONE), null]);
    expect(states.every(({ alarm, clear }) => alarm === null && clear === null)).toBe(true);
  });

  it('blames nobody while its own network is down, and counts anew when it sees again', () => {
    const states = live([...times(5, GONE), ...times(40, 'blind' as const), ...times(7, GONE)]);
    expect(states.slice(0, -1).every(({ alarm }) => alarm === null)).toBe(true);
    expect(states.at(-1)?.alarm).not.toBeNull();
  });

  it('keeps an alarm that stands through its own blindness, and sends nothing meanwhile', () => {
    const [blind] = live(['blind'], { from: live(times(7, GONE)).at(-1) as DeadmanState });
    expect(blind?.alarm?.owed).toEqual(['phone', 'mail']);
    expect(owedNow(blind as DeadmanState, false).channels).toEqual([]);
  });
});

describe('taking an alarm back', () => {
  const alarmed = live(times(7, GONE)).at(-1) as DeadmanState;
  const told = delivered(alarmed, 'alarm', 'phone');

  it('is told once, by whom the alarm was told, when the worker has been well for a minute', () => {
    const states = live([null, null, null, null], { from: told });
    expect(states.map((state) => owedNow(state, true).channels)).toEqual([
      [],
      [],
      ['phone'],
      ['phone'],
    ]);
    const cleared = delivered(states.at(-1) as DeadmanState, 'clear', 'phone');
    expect(owedNow(cleared, true).channels).toEqual([]);
    expect(cleared).toEqual(QUIET);
  });

  it('is told to nobody who never heard the alarm', () => {
    const states = live([null, null, null, null], { from: alarmed });
    expect(states.at(-1)).toEqual(QUIET);
  });

  it('waits while the worker comes and goes, and then tells of one outage', () => {
    const states = live([null, GONE, null, null, GONE, null, null, null], { from: told });
    const spoke = states
      .filter((state) => owedNow(state, true).what === 'clear')
      .filter((state) => owedNow(state, true).channels.length > 0);
    expect(spoke).toHaveLength(1);
  });

  it('never says "back" while the worker is gone again', () => {
    const back = live([null, null, null], { from: told }).at(-1) as DeadmanState;
    expect(owedNow(back, true)).toEqual({ what: 'clear', channels: ['phone'] });
    const [gone] = live([GONE], { from: back });
    expect(owedNow(gone as DeadmanState, true)).toEqual({ what: 'alarm', channels: [] });
  });
});

describe('the words', () => {
  const speaker = {
    url: 'https://status.example.org',
    runner: 'attic',
    location: 'Home',
    rank: { rank: 1, of: 3 },
  };

  it('name what was seen, for how long and from where, and whose turn it was', () => {
    const state = live(times(9, GONE)).at(-1) as DeadmanState;
    const { subject, lines, mood } = alarmMessage(state, speaker, RULE);
    expect(subject).toBe('Anyup at https://status.example.org has not answered for 4 min');
    expect(lines).toEqual([
      'What was seen: connection refused.',
      'Seen by runner attic from Home, whose own network works.',
      'Since 2026-11-28 09:04:00 UTC.',
      'It is dead-man 2 of 3. Those before it had their turn: they told you already, or they see Anyup, or nobody sees them. The next one that sees the same tells you in 3 min.',
      'While this lasts, Anyup itself may tell you nothing.',
    ]);
    expect(mood).toBe('down');
  });

  it('say when it is over and how long it took', () => {
    const clear = { owed: ['phone'], sinceAt: START, lastedMs: 12 * MINUTE };
    const { subject, lines } = clearMessage(clear, speaker);
    expect(subject).toBe('Anyup at https://status.example.org is back after 12 min');
    expect(lines).toContain('It was away from 2026-11-28 09:04:00 UTC on.');
  });
});
