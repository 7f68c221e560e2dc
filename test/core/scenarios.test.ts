// Worked scenarios, as a table: what the runners see, and what Anyup makes of it. Unless given otherwise a check is
// probed every 60 s from A and B, two failures say down, one success says up, and any location that is up is enough.
import { describe, expect, test } from 'vitest';
import { type Given, World } from './world.ts';

interface Scenario extends Partial<Given> {
  name: string;
  story: string;
  timeline: string;
}

const hysteresis: Scenario[] = [
  {
    name: 'a new check is unknown until somebody has looked, and its first "up" is told to nobody',
    story: `
      0:04 says unknown: no location has reported yet
      0:05 A up
      0:06 says up from A; B has not reported yet`,
    timeline: '0:05 unknown→up',
  },
  {
    name: 'a new check that is down at once is told',
    runners: 'A',
    story: `
      0:00 A down
      0:01 says unknown: A is not sure yet
      0:02 A down`,
    timeline: '0:02 unknown→down since 0:00, incident from 0:00, tell down',
  },
  {
    name: 'the second failure in a row says down, since the first one',
    runners: 'A',
    story: `
      0:00 A up
      1:00 A down
      1:02 A down
      1:03 says down from A
      1:03 rtt none`,
    timeline: `
      0:00 unknown→up
      1:02 up→down since 1:00, incident from 1:00, tell down`,
  },
  {
    name: 'a single failure is forgiven',
    runners: 'A',
    story: `
      0:00 A up
      1:00 A down
      1:02 A up
      2:00 A up`,
    timeline: '0:00 unknown→up',
  },
  {
    name: 'with no failure allowed the first one says down',
    runners: 'A',
    failures: 1,
    story: `
      0:00 A up
      1:00 A down`,
    timeline: `
      0:00 unknown→up
      1:00 up→down, incident from 1:00, tell down`,
  },
  {
    name: 'the first good reading ends the outage, and that is told once',
    runners: 'A',
    story: `
      0:00 A up
      1:00 A down
      1:02 A down
      2:00 A down
      3:00–5:00/60s A up`,
    timeline: `
      0:00 unknown→up
      1:02 up→down since 1:00, incident from 1:00, tell down
      3:00 down→up, incident over 1:00–3:00, tell up`,
  },
  {
    name: 'flapping at every reading never reaches two failures in a row and is never called down',
    runners: 'A',
    story: `
      0:00–10:00/60s A up
      0:30–10:30/60s A down`,
    timeline: '0:00 unknown→up',
  },
  {
    name: 'when three successes are asked for, flapping stays down until three come in a row',
    runners: 'A',
    successes: 3,
    story: `
      0:00–2:00/60s A up
      3:00 A down
      3:02 A down
      4:00 A up
      5:00 A up
      6:00 A down
      7:00–9:00/60s A up`,
    timeline: `
      2:00 unknown→up since 0:00
      3:02 up→down since 3:00, incident from 3:00, tell down
      9:00 down→up since 7:00, incident over 3:00–7:00, tell up`,
  },
  {
    name: 'failures of different weight take the mildest status among them',
    runners: 'A',
    story: `
      0:00 A up
      1:00 A down
      1:02 A degraded
      2:00 A down
      2:02 A down`,
    timeline: `
      0:00 unknown→up
      1:02 up→degraded since 1:00, incident from 1:00, tell degraded
      2:02 degraded→down since 2:00, incident worse, tell down`,
  },
  {
    name: 'degraded, then down, then up is one incident with three messages',
    runners: 'A',
    story: `
      0:00 A up
      1:00 A degraded
      1:02 A degraded
      2:00 A down
      2:02 A down
      3:00 A up`,
    timeline: `
      0:00 unknown→up
      1:02 up→degraded since 1:00, incident from 1:00, tell degraded
      2:02 degraded→down since 2:00, incident worse, tell down
      3:00 down→up, incident over 1:00–3:00, tell up`,
  },
  {
    name: 'inside a status the level follows each reading without a word',
    runners: 'A',
    story: `
      0:00 A up
      1:00 A 150
      1:00 level 150
      2:00 A 400
      2:02 A 400
      2:02 level 400
      3:00 A 700
      3:00 level 700`,
    timeline: `
      0:00 unknown→up
      2:02 up→down since 2:00, incident from 2:00, tell down`,
  },
];

const anyUp: Scenario[] = [
  {
    name: 'a target that only one of them reaches is up, and it says from where it is not',
    story: `
      0:00 A up
      0:10 B down
      0:12 B down
      0:13 says up, but not from B
      0:13 rtt 20ms`,
    timeline: '0:00 unknown→up',
  },
  {
    name: 'it is down when the last location says so, since that one began to',
    story: `
      0:00 A up
      0:10 B up
      1:00 A down
      1:02 A down
      1:10 B down
      1:12 B down
      1:13 says down everywhere`,
    timeline: `
      0:00 unknown→up
      1:12 up→down since 1:10, incident from 1:10, tell down`,
  },
  {
    name: 'two locations in different phases that fail in turn are never down together',
    story: `
      0:00 A up
      0:30 B up
      1:00 A down
      1:02 A down
      1:30 B up
      2:00 A up
      2:30 B down
      2:32 B down
      3:00 A up
      3:30 B up
      3:31 says up everywhere`,
    timeline: '0:00 unknown→up',
  },
  {
    name: 'two locations in different phases: down once both have seen it twice, whoever was first',
    story: `
      0:00–1:00/60s A up
      0:30 B up
      1:30 B down
      1:32 B down
      2:00 A down
      2:02 A down`,
    timeline: `
      0:00 unknown→up
      2:02 up→down since 2:00, incident from 2:00, tell down`,
  },
  {
    name: 'the first location that reaches it again ends the outage for all',
    story: `
      0:00 A up
      0:00 B up
      1:00 A down
      1:00 B down
      1:02 A down
      1:02 B down
      2:00 A down
      2:10 B up
      2:11 says up, but not from A`,
    timeline: `
      0:00 unknown→up
      1:02 up→down since 1:00, incident from 1:00, tell down
      2:10 down→up, incident over 1:00–2:10, tell up`,
  },
  {
    name: 'the RTT shown is the lowest of those that reach it',
    story: `
      0:00 A up 20ms
      0:10 B up 7ms
      0:11 rtt 7ms`,
    timeline: '0:00 unknown→up',
  },
  {
    name: 'an RTT older than two intervals is no longer shown',
    story: `
      0:00 B up 7ms
      1:00–2:00/60s B flush
      0:00–2:00/60s A up 20ms
      2:00 rtt 7ms
      2:01 rtt 20ms`,
    timeline: '0:00 unknown→up',
  },
  {
    name: 'degraded here and down there is degraded, with the RTT of where it is degraded',
    story: `
      0:00 A degraded 800ms
      0:02 A degraded 900ms
      0:10 B down
      0:12 B down
      0:13 says degraded from A, down from B
      0:13 rtt 900ms`,
    timeline: '0:02 unknown→degraded since 0:00, incident from 0:00, tell degraded',
  },
  {
    name: 'degraded here and up there is up, with the RTT of where it is up',
    story: `
      0:00 A up 30ms
      0:10 B degraded 20ms
      0:12 B degraded 20ms
      0:13 says up, but degraded from B
      0:13 rtt 30ms`,
    timeline: '0:00 unknown→up',
  },
  {
    name: 'a location added while all is well has no voice until it has looked',
    runners: 'A B',
    story: `
      0:00–4:00/60s A up
      0:00–4:00/60s B up
      1:30 add C
      2:00 says up from A and B; C has not reported yet
      2:30 C down
      2:31 says up from A and B; C is not sure yet
      2:32 C down
      3:00 says up, but not from C`,
    timeline: '0:00 unknown→up',
  },
  {
    name: 'a location added during an outage that reaches the target ends it',
    story: `
      0:00 A up
      0:00 B up
      1:00–3:00/60s A down
      1:00–3:00/60s B down
      3:10 add C
      3:20 C up
      3:21 says up, but not from A and B`,
    timeline: `
      0:00 unknown→up
      2:00 up→down since 1:00, incident from 1:00, tell down
      3:20 down→up, incident over 1:00–3:20, tell up`,
  },
  {
    name: 'a location added during an outage that cannot reach it either changes nothing',
    story: `
      0:00 A up
      0:00 B up
      1:00–4:00/60s A down
      1:00–4:00/60s B down
      3:10 add C
      3:20 C down
      3:22 C down
      3:23 says down everywhere`,
    timeline: `
      0:00 unknown→up
      2:00 up→down since 1:00, incident from 1:00, tell down`,
  },
];

const losingVoters: Scenario[] = [
  {
    name: 'when the only location that reached it falls silent it is unknown, not down, and nobody is told',
    story: `
      0:00–3:00/60s B up
      0:05–8:05/60s A down
      4:00 says up, but not from A
      5:00 says unknown: only B could reach it, and B is silent
      8:06 says unknown: only B could reach it, and B is silent`,
    timeline: `
      0:00 unknown→up
      5:00 silent B since 3:00
      5:00 up→unknown`,
  },
  {
    name: 'the silent witness comes back and all is as it was, without a word',
    story: `
      0:00–3:00/60s B up
      0:05–8:05/60s A down
      8:00 B up`,
    timeline: `
      0:00 unknown→up
      5:00 silent B since 3:00
      5:00 up→unknown
      8:00 unknown→up
      8:00 back B`,
  },
  {
    name: 'the silent witness comes back and says down: now it is down, since then',
    story: `
      0:00–3:00/60s B up
      0:05–9:05/60s A down
      8:00 B down
      8:02 B down`,
    timeline: `
      0:00 unknown→up
      5:00 silent B since 3:00
      5:00 up→unknown
      8:00 back B
      8:02 unknown→down since 8:00, incident from 8:00, tell down`,
  },
  {
    name: 'a survivor that saw it good after the silence began may say down by itself',
    story: `
      0:00–3:00/60s B up
      0:05–5:05/60s A down
      6:05 A up
      7:05 A down
      7:07 A down
      7:08 says down from A; B is silent`,
    timeline: `
      0:00 unknown→up
      5:00 silent B since 3:00
      5:00 up→unknown
      6:05 unknown→up
      7:07 up→down since 7:05, incident from 7:05, tell down`,
  },
  {
    name: 'a gap in its readings does not make a survivor a witness of change',
    story: `
      0:00–9:00/60s B up
      0:05 A down
      0:07 A down
      1:00–14:00/60s A flush
      12:05 A down
      12:07 A down
      12:08 says unknown: only B could reach it, and B is silent`,
    timeline: `
      0:00 unknown→up
      11:00 up→unknown
      11:00 silent B since 9:00`,
  },
  {
    name: 'whoever never saw it good saw no change, even when it began to look after the last good word',
    story: `
      0:00–3:00/60s A up
      3:30 B down
      3:32–7:32/60s B down
      5:01 says unknown: only A could reach it, and A is silent`,
    timeline: `
      0:00 unknown→up
      4:32 up→unknown
      5:00 silent A since 3:00`,
  },
  {
    name: 'a location that fell silent while it said down does not soften the verdict',
    story: `
      0:00 B up
      0:05–8:05/60s A down
      1:00 B up
      2:00 B down
      2:02 B down
      5:01 says down from A; B is silent`,
    timeline: `
      0:00 unknown→up
      2:02 up→down since 2:00, incident from 2:00, tell down
      4:00 silent B since 2:02`,
  },
  {
    name: 'a silent location whose last word was bad takes nothing from the verdict of the others',
    story: `
      0:00 A up
      0:00 B up
      1:00 B down
      1:02 B down
      1:00–4:00/60s A up
      5:00 A down
      5:02 A down
      5:03 says down from A; B is silent`,
    timeline: `
      0:00 unknown→up
      3:00 silent B since 1:02
      5:02 up→down since 5:00, incident from 5:00, tell down`,
  },
  {
    name: 'a location going missing does not keep a target up that the others see fall',
    story: `
      0:00–3:00/60s A up
      0:00–3:00/60s B up
      4:00–6:00/60s A down
      5:01 says down from A; B is silent`,
    timeline: `
      0:00 unknown→up
      5:00 up→down since 4:00, incident from 4:00, tell down
      5:00 silent B since 3:00`,
  },
  {
    name: 'when every runner is silent all is unknown, it is one message about runners, and nobody is told "down"',
    story: `
      0:00–3:00/60s A up
      0:00–3:00/60s B up
      5:00 says unknown: A is silent, B is silent
      9:00 A up
      9:10 B up
      10:00 says up everywhere`,
    timeline: `
      0:00 unknown→up
      5:00 no runner left: silent A B since 3:00
      5:00 up→unknown
      9:00 unknown→up
      9:00 back A
      10:00 back B`,
  },
  {
    name: 'an outage that all runners sleep through stays one incident and is told once',
    story: `
      0:00 A up
      0:00 B up
      1:00 A down
      1:00 B down
      1:02 A down
      1:02 B down
      6:00–8:00/60s A down
      8:00 B up`,
    timeline: `
      0:00 unknown→up
      1:02 up→down since 1:00, incident from 1:00, tell down
      3:00 no runner left: silent A B since 1:02
      3:00 down→unknown
      6:00 back A
      7:00 unknown→down since 6:00
      8:00 down→up, incident over 1:00–8:00, tell up
      8:00 back B`,
  },
  {
    name: 'coming and going between up and unknown tells nobody anything',
    runners: 'A',
    story: `
      0:00 A up
      5:00 A up
      10:00 A up
      15:00 A up`,
    timeline: `
      0:00 unknown→up
      2:00 no runner left: silent A since 0:00
      2:00 up→unknown
      5:00 unknown→up
      5:00 back A
      7:00 no runner left: silent A since 5:00
      7:00 up→unknown
      10:00 unknown→up
      10:00 back A
      12:00 no runner left: silent A since 10:00
      12:00 up→unknown
      15:00 unknown→up
      15:00 back A`,
  },
  {
    name: 'when the only runner of a local check dies the check is unknown, whatever others claim',
    pinned: 'A',
    story: `
      0:00–3:00/60s A up
      0:00–3:00/60s B flush
      4:00 B down
      4:02 B down
      5:00 says unknown: A is silent`,
    timeline: `
      0:00 unknown→up
      5:00 silent A since 3:00
      5:00 up→unknown`,
  },
  {
    name: 'pinning a check to another runner leaves the old one without a say',
    story: `
      0:00 A up
      0:10 B down
      0:12 B down
      0:30 edit pinned=B
      0:31 says down from B`,
    timeline: `
      0:00 unknown→up
      0:30 up→down since 0:10, incident from 0:10, tell down`,
  },
  {
    name: 'of two runners in one location the second takes over when the first falls silent',
    runners: 'A A2',
    story: `
      0:00–3:00/60s A up
      0:00–5:00/60s A2 flush
      5:00 says unknown: A is silent
      5:10 A2 up
      5:11 says up from A`,
    timeline: `
      0:00 unknown→up
      5:00 up→unknown
      5:00 silent A since 3:00
      5:10 unknown→up`,
  },
  {
    name: 'a stand-in that could measure nothing yet does not wipe out what its location last saw',
    runners: 'A A2 B',
    story: `
      0:00–3:00/60s A up
      0:00–4:00/60s A2 flush
      0:05–6:05/60s B down
      5:10 A2 unable
      5:11 says unknown: only A could reach it, and A cannot measure it
      5:12 A2 up
      5:13 says up, but not from B`,
    timeline: `
      0:00 unknown→up
      5:00 silent A since 3:00
      5:00 up→unknown
      5:12 unknown→up`,
  },
  {
    name: 'a stand-in that is not sure yet does not wipe out what its location last saw',
    runners: 'A A2 B',
    story: `
      0:00–3:00/60s A up
      0:00–4:00/60s A2 flush
      0:05–6:05/60s B down
      5:10 A2 down
      5:11 says unknown: only A could reach it, and A is not sure yet
      5:12 A2 up
      5:13 says up, but not from B`,
    timeline: `
      0:00 unknown→up
      5:00 silent A since 3:00
      5:00 up→unknown
      5:12 unknown→up`,
  },
  {
    name: 'a stand-in that confirms the failure makes it down',
    runners: 'A A2 B',
    story: `
      0:00–3:00/60s A up
      0:00–4:00/60s A2 flush
      0:05–6:05/60s B down
      5:10 A2 down
      5:12 A2 down`,
    timeline: `
      0:00 unknown→up
      5:00 silent A since 3:00
      5:00 up→unknown
      5:12 unknown→down since 5:10, incident from 5:10, tell down`,
  },
  {
    name: 'two runners in one location are one voice: the newest confirmed word',
    runners: 'A A2',
    story: `
      0:00 A up
      0:30 A2 down
      0:31 says up from A
      0:32 A2 down
      1:00 A up`,
    timeline: `
      0:00 unknown→up
      0:32 up→down since 0:30, incident from 0:30, tell down
      1:00 down→up, incident over 0:30–1:00, tell up`,
  },
  {
    name: 'a disabled location is not missing: what is left decides',
    story: `
      0:00–3:00/60s B up
      0:05–3:05/60s A down
      3:06 disable B
      3:07 says down from A`,
    timeline: `
      0:00 unknown→up
      3:06 up→down since 0:05, incident from 0:05, tell down`,
  },
  {
    name: 'revoking the silent witness leaves the decision to the others',
    story: `
      0:00–3:00/60s B up
      0:05–6:05/60s A down
      6:06 revoke B
      6:07 says down from A`,
    timeline: `
      0:00 unknown→up
      5:00 silent B since 3:00
      5:00 up→unknown
      6:06 unknown→down, incident from 6:06, tell down`,
  },
  {
    name: 'nobody assigned is unknown',
    runners: 'A',
    story: `
      0:00 A up
      0:30 disable A
      0:31 says unknown: no location watches it`,
    timeline: `
      0:00 unknown→up
      0:30 up→unknown`,
  },
  {
    name: 'a runner that cannot trust its own network has no vote until it sees again',
    runners: 'A',
    story: `
      0:00 A up
      1:00 A blind
      1:01 says unknown: A cannot trust its own network
      2:00 A up`,
    timeline: `
      0:00 unknown→up
      1:00 up→unknown
      2:00 unknown→up`,
  },
  {
    name: 'one that was blind when it went down has no word until it has looked twice',
    story: `
      0:00 A up
      0:00 B up
      1:00 A blind
      1:30 B down
      1:32 B down
      1:50 A down
      1:51 says down from B; A is not sure yet
      1:52 A down`,
    timeline: `
      0:00 unknown→up
      1:32 up→down since 1:30, incident from 1:30, tell down`,
  },
  {
    name: 'the only location that reached it going blind does not make it down',
    story: `
      0:00 A up
      0:10 B down
      0:12 B down
      1:00 A blind
      1:01 says unknown: only A could reach it, and A cannot trust its own network`,
    timeline: `
      0:00 unknown→up
      1:00 up→unknown`,
  },
  {
    name: 'a runner that is unable to measure says nothing, and its last word runs out',
    runners: 'A',
    story: `
      0:00 A up
      1:00–3:00/60s A unable
      2:30 says up from A
      3:00 says unknown: A cannot measure it`,
    timeline: `
      0:00 unknown→up
      3:00 up→unknown`,
  },
  {
    name: 'a runner that never could measure is said to be unable, until it can',
    runners: 'A B',
    story: `
      0:00 A unable
      0:00 B up
      0:30 says up from B; A cannot measure it
      1:00 A up
      1:00 B up
      1:30 says up everywhere`,
    timeline: `
      0:00 unknown→up`,
  },
];

const counting: Scenario[] = [
  {
    name: 'majority: two of three decide, and one that is missing cannot turn them',
    runners: 'A B C',
    policy: 'majority',
    story: `
      0:00 A up
      0:00 says unknown: it hangs on B and C, and B has not reported yet, C has not reported yet
      0:01 B up
      0:02 C up
      1:00 A down
      1:01 B down
      1:02 A down
      1:03 B down
      1:04 says down from A and B, up from C`,
    timeline: `
      0:01 unknown→up
      1:03 up→down since 1:01, incident from 1:01, tell down`,
  },
  {
    name: 'majority: one up, one down and one silent is unknown',
    runners: 'A B C',
    policy: 'majority',
    story: `
      0:00–6:00/60s A up
      0:00–1:00/60s B up
      0:00–1:00/60s C up
      2:00–6:00/60s B down
      3:01 says unknown: it hangs on C, and C is silent`,
    timeline: `
      0:00 unknown→up
      3:00 up→unknown
      3:00 silent C since 1:00`,
  },
  {
    name: 'all: one location that fails is enough',
    policy: 'all',
    story: `
      0:00–2:00/60s A up
      0:00 B up
      1:00 B down
      1:02 B down
      1:03 says down from B, up from A
      2:00 B up`,
    timeline: `
      0:00 unknown→up
      1:02 up→down since 1:00, incident from 1:00, tell down
      2:00 down→up, incident over 1:00–2:00, tell up`,
  },
  {
    name: 'all: a silent location makes it unknown, unless another is down anyway',
    policy: 'all',
    story: `
      0:00–4:00/60s A up
      0:00–1:00/60s B up
      3:01 says unknown: it hangs on B, and B is silent
      5:00 A down
      5:02 A down
      5:03 says down from A; B is silent`,
    timeline: `
      0:00 unknown→up
      3:00 up→unknown
      3:00 silent B since 1:00
      5:02 unknown→down since 5:00, incident from 5:00, tell down`,
  },
  {
    name: 'at least two: the second that reaches it makes it up',
    runners: 'A B C',
    policy: 'atLeast:2',
    story: `
      0:00 A down
      0:00 B down
      0:00 C down
      0:02 A down
      0:02 B down
      0:02 C down
      1:00 A up
      1:01 says down from B and C, up from A
      1:10 C up
      1:11 says up, but not from B`,
    timeline: `
      0:02 unknown→down since 0:00, incident from 0:00, tell down
      1:10 down→up, incident over 0:00–1:10, tell up`,
  },
  {
    name: 'required: only the named location counts',
    policy: 'required:A',
    story: `
      0:00–4:00/60s A up
      0:00 B up
      1:00 B down
      1:02 B down
      4:01 says up from A; B is silent`,
    timeline: `
      0:00 unknown→up
      3:00 silent B since 1:02`,
  },
  {
    name: 'required: the named location silent is unknown, though another reaches it',
    policy: 'required:A',
    story: `
      0:00 A up
      0:00–3:00/60s B up
      3:00 says unknown: A is silent`,
    timeline: `
      0:00 unknown→up
      2:00 up→unknown
      2:00 silent A since 0:00`,
  },
  {
    name: 'a quarantined runner has no vote, and getting it back repeats nothing',
    policy: 'all',
    story: `
      0:00 A up
      0:00 B up
      1:00–3:00/60s A up
      1:00–3:00/60s B down
      2:10 quarantine B
      2:11 says unknown: it hangs on B, and B is quarantined
      2:20 trust B
      2:21 says down from B, up from A`,
    timeline: `
      0:00 unknown→up
      2:00 up→down since 1:00, incident from 1:00, tell down
      2:10 down→unknown
      2:20 unknown→down`,
  },
  {
    name: 'a change of policy starts anew',
    story: `
      0:00 A up
      0:10 B down
      0:12 B down
      0:30 edit policy=all
      0:31 says unknown: no location has reported yet
      1:00 A up
      1:10 B down
      1:12 B down`,
    timeline: `
      0:00 unknown→up
      0:30 up→unknown
      1:12 unknown→down since 1:10, incident from 1:10, tell down`,
  },
];

const time: Scenario[] = [
  {
    name: 'shortening the interval from 60 s to 5 s expires nothing that was measured before',
    runners: 'A',
    story: `
      0:00 A up
      1:00 A up
      1:10 edit interval=5s
      2:00 A flush
      3:00 A flush
      3:40 says up from A`,
    timeline: '0:00 unknown→up',
  },
  {
    name: 'what is measured at 5 s runs out sooner',
    runners: 'A',
    interval: '5s',
    story: `
      0:00 A up
      0:30–2:00/30s A flush
      1:00 says up from A
      2:00 says unknown: A has not checked it lately`,
    timeline: `
      0:00 unknown→up
      1:30 up→unknown`,
  },
  {
    name: 'changing the target forgets what was seen, and a new failure is told',
    runners: 'A',
    story: `
      0:00 A up
      1:30 edit target
      2:00 A down
      2:02 A down`,
    timeline: `
      0:00 unknown→up
      1:30 up→unknown
      2:02 unknown→down since 2:00, incident from 2:00, tell down`,
  },
  {
    name: 'changing the target during an outage does not tell the outage again',
    runners: 'A',
    story: `
      0:00 A up
      1:00 A down
      1:02 A down
      1:30 edit target
      2:00 A down
      2:02 A down
      3:00 A up`,
    timeline: `
      0:00 unknown→up
      1:02 up→down since 1:00, incident from 1:00, tell down
      1:30 down→unknown
      2:02 unknown→down since 2:00
      3:00 down→up, incident over 1:00–3:00, tell up`,
  },
  {
    name: 'a runner that restarts with an old spool: its newest reading decides',
    runners: 'A',
    story: `
      0:00 A up
      1:00 A down
      1:02 A down
      10:00 A posts up@2:00 down@3:00 down@4:00 up@9:59`,
    timeline: `
      0:00 unknown→up
      1:02 up→down since 1:00, incident from 1:00, tell down
      3:00 no runner left: silent A since 1:02
      3:00 down→unknown
      10:00 unknown→up since 9:59, incident over 1:00–9:59, tell up
      10:00 back A`,
  },
  {
    name: 'a spool that ends in old failures is stale on arrival and calls nothing down',
    runners: 'A',
    story: `
      0:00–2:00/60s A up
      10:00 A posts down@4:00 down@4:02
      10:01 says unknown: A has not checked it lately`,
    timeline: `
      0:00 unknown→up
      4:00 no runner left: silent A since 2:00
      4:00 up→unknown
      10:00 back A`,
  },
  {
    name: 'back-fill after newer results changes history, never the present',
    runners: 'A',
    story: `
      0:00–5:00/60s A up
      5:30 A late down@2:00 down@2:02
      5:40 A posts down@3:00 down@3:02
      5:41 says up from A`,
    timeline: '0:00 unknown→up',
  },
  {
    name: 'a runner whose clock ran ahead is heard again when time has caught up',
    runners: 'A',
    story: `
      0:00 A posts up@0:50
      0:10 A down
      0:12 A down
      1:00 A down
      1:02 A down`,
    timeline: `
      0:00 unknown→up
      1:02 up→down since 1:00, incident from 1:00, tell down`,
  },
  {
    name: 'a reading from more than a minute ahead counts for nothing',
    runners: 'A',
    story: `
      0:00 A posts down@5:00 down@5:02
      0:01 says unknown: no location has reported yet
      0:10 A up`,
    timeline: '0:10 unknown→up',
  },
  {
    name: 'a runner whose clock stepped back says nothing new until it is past its last reading',
    runners: 'A',
    story: `
      0:00–5:00/60s A up
      5:30 A posts down@4:10
      5:40 A posts down@4:20
      6:00 A up`,
    timeline: '0:00 unknown→up',
  },
  {
    name: 'a deaf worker calls nobody silent and lets nothing expire while the runners come back',
    story: `
      0:00–2:00/60s A up
      0:00–2:00/60s B up
      3:00–13:00 deaf
      13:30 says up everywhere
      14:00–17:00/60s A up
      14:30–17:30/60s B up`,
    timeline: `
      0:00 unknown→up
      13:00 deaf 2:00–13:00`,
  },
  {
    name: 'a runner that does not come back to a worker that was deaf is silent only after the grace',
    story: `
      0:00–2:00/60s A up
      0:00–2:00/60s B up
      3:00–13:00 deaf
      14:00–17:00/60s A up
      14:59 says up everywhere`,
    timeline: `
      0:00 unknown→up
      13:00 deaf 2:00–13:00
      15:00 silent B since 2:00`,
  },
  {
    name: 'after deafness a survivor that sees it fail is believed once the others are known to be gone',
    story: `
      0:00–2:00/60s A up
      0:00–2:00/60s B up
      3:00–13:00 deaf
      13:30 A down
      13:32 A down
      13:33 says up, but not from A
      14:30–15:30/60s A down`,
    timeline: `
      0:00 unknown→up
      13:00 deaf 2:00–13:00
      15:00 silent B since 2:00
      15:00 up→down since 13:30, incident from 13:30, tell down`,
  },
  {
    name: 'a worker that is deaf twice in a row still calls nobody silent',
    story: `
      0:00–2:00/60s A up
      0:00–2:00/60s B up
      3:00–13:00 deaf
      14:01–20:00 deaf
      20:30 A up
      21:30 A up
      21:40 B up`,
    timeline: `
      0:00 unknown→up
      13:00 deaf 2:00–13:00
      20:00 deaf 14:00–20:00`,
  },
];

const people: Scenario[] = [
  {
    name: 'one of three alone with "up" for ten minutes is disputed, told once, and up all the while',
    runners: 'A B C',
    story: `
      0:00–14:00/60s A up
      0:00 B up
      0:00 C up
      1:05–12:05/60s B down
      1:05–14:05/60s C down
      12:05 says up, but not from B and C
      13:00 says up, but disputed: only A can reach it; B and C cannot
      13:10 B up
      13:11 says up, but not from C`,
    timeline: `
      0:00 unknown→up
      13:00 disputed: only A
      13:10 undisputed`,
  },
  {
    name: 'a dispute is not told again after all runners were away for a while',
    runners: 'A B C',
    story: `
      0:00–13:00/60s A up
      0:00 B up
      0:00 C up
      1:05–13:05/60s B down
      1:05–13:05/60s C down
      20:00–32:00/60s A up
      20:05–32:05/60s B down
      20:05–32:05/60s C down`,
    timeline: `
      0:00 unknown→up
      13:00 disputed: only A
      15:00 no runner left: silent A B C since 13:05
      15:00 up→unknown
      20:00 unknown→up
      20:00 back A
      21:00 back B C`,
  },
  {
    name: 'locations that never saw it up cannot dispute it',
    runners: 'A B C',
    story: `
      0:00–15:00/60s A up
      0:05–15:05/60s B down
      0:05–15:05/60s C down
      15:06 says up, but not from B and C`,
    timeline: '0:00 unknown→up',
  },
  {
    name: 'one location that saw it up before is not enough for a dispute',
    runners: 'A B C',
    story: `
      0:00–15:00/60s A up
      0:00 B up
      1:05–15:05/60s B down
      0:05–15:05/60s C down`,
    timeline: '0:00 unknown→up',
  },
  {
    name: 'of two locations neither disputes the other',
    story: `
      0:00–15:00/60s A up
      0:00 B up
      1:05–15:05/60s B down
      15:06 says up, but not from B`,
    timeline: '0:00 unknown→up',
  },
  {
    name: 'pausing ends the incident; its recovery is still told afterwards',
    runners: 'A',
    story: `
      0:00 A up
      1:00 A down
      1:02 A down
      2:00 pause
      2:30–4:30/60s A flush
      5:00 resume
      5:10 A up`,
    timeline: `
      0:00 unknown→up
      1:02 up→down since 1:00, incident from 1:00, tell down
      2:00 incident over 1:00–2:00, down→unknown
      5:10 unknown→up, tell up`,
  },
  {
    name: 'a check that is still down after a pause is not told again',
    runners: 'A',
    story: `
      0:00 A up
      1:00 A down
      1:02 A down
      2:00 pause
      2:30–4:30/60s A flush
      5:00 resume
      5:10 A down
      5:12 A down`,
    timeline: `
      0:00 unknown→up
      1:02 up→down since 1:00, incident from 1:00, tell down
      2:00 incident over 1:00–2:00, down→unknown
      5:12 unknown→down since 5:10, incident from 5:10`,
  },
  {
    name: 'a paused check does not change, whatever is reported',
    runners: 'A',
    story: `
      0:00 A up
      0:30 pause
      1:00–4:00/60s A down`,
    timeline: `
      0:00 unknown→up
      0:30 up→unknown`,
  },
  {
    name: 'a host that must report is down when its runner falls silent, while its checks are unknown',
    pinned: 'A',
    mustReport: 'A',
    story: `
      0:00–2:00/60s A up
      0:00–7:00/60s B flush
      6:00 A up`,
    timeline: `
      0:00 unknown→up
      0:00 host unknown→up
      4:00 up→unknown
      4:00 host up→down since 2:00, host incident from 2:00, host tell down
      4:00 silent A since 2:00
      6:00 unknown→up
      6:00 host down→up, host incident over 2:00–6:00, host tell up
      6:00 back A`,
  },
  {
    name: 'a deaf worker declares no host silent that must report',
    pinned: 'A',
    mustReport: 'A',
    story: `
      0:00–2:00/60s A up
      3:00–13:00 deaf
      14:00 A up`,
    timeline: `
      0:00 unknown→up
      0:00 host unknown→up
      13:00 deaf 2:00–13:00`,
  },
  {
    name: 'a host that must report but never did is unknown, not down',
    runners: 'A B',
    mustReport: 'B',
    story: '0:00–10:00/60s A up',
    timeline: '0:00 unknown→up',
  },
];

const table = {
  hysteresis,
  'any is up': anyUp,
  'losing voters': losingVoters,
  counting,
  time,
  people,
};

describe.each(Object.entries(table))('%s', (_, scenarios) => {
  test.each(scenarios)('$name', ({ name: _name, story, timeline, ...given }) => {
    const expected = timeline.split('\n').map((line) => line.trim());
    expect(new World(given).play(story).timeline).toEqual(expected.filter((line) => line !== ''));
  });
});
