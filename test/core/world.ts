// A small world for worked scenarios: locations, runners, one check, a worker that ticks every minute. A story is a list
// of timed lines; what the rules make of it comes back as a timeline, a line for every moment at which something changed.
//
//   0:00 A up 20ms            a reading of runner A, posted at once: up, degraded, down, a level, unable or blind
//   0:00–5:00/60s A up        the same, repeated
//   3:00 A posts down@2:00 up@3:00     several readings in one live post
//   3:00 A late down@2:00     the late stream: history only
//   3:00 A flush              a post with nothing in it
//   3:00 edit interval=5s     also target (a new revision), policy=majority|all|atLeast:2|required:A, pinned=A
//   3:00 add C · enable C · disable C · quarantine A · trust A · pause · resume
//   3:00–9:00 deaf            the worker does not run
//   3:00 says up, but not from B       what the page says then · rtt 20ms · rtt none · level 250
import { expect } from 'vitest';
import { assignedLocations, isAssigned, type Placement } from '#core/assign.ts';
import { parseDuration } from '#core/duration.ts';
import { type FleetState, isSilent, stepFleet } from '#core/fleet.ts';
import { type Level, WARNING } from '#core/level.ts';
import { locationView } from '#core/locationView.ts';
import { merge, type Verdict } from '#core/merge.ts';
import { explainVerdict } from '#core/message.ts';
import { ANY, type Policy } from '#core/policy.ts';
import { beat, hearing, NO_PULSE, type Pulse } from '#core/pulse.ts';
import type { Reading } from '#core/reading.ts';
import { reportVerdict } from '#core/report.ts';
import { type CheckState, newState, pause, type StateEvent, step } from '#core/state.ts';
import { foldAll, type View } from '#core/view.ts';
import { MAX_FUTURE_MS } from '#core/wire/results.ts';

export interface Given {
  /** "A A2 B": each stands in the location of its letter. */
  runners: string;
  interval: string;
  timeout: string;
  flush: string;
  failures: number;
  successes: number;
  policy: string;
  /** This runner's host must report: its own timeline lines begin with "host". */
  mustReport?: string;
  pinned?: string;
}

export const START = Date.UTC(2026, 10, 21, 9, 0, 0);

const TICK_MS = 60_000;
const CHECK = 1;

interface Runner {
  id: number;
  name: string;
  locationId: number;
  status: string;
  postedAt: number;
  quarantined: boolean;
  view: View | null;
}

interface Line {
  at: number;
  text: string;
}

const LEVELS: Record<string, Level> = { up: 100, degraded: WARNING, down: 500 };

export class World {
  readonly timeline: string[] = [];
  #now = START;
  #runners: Runner[] = [];
  #locations: Array<{ id: number; name: string; enabled: boolean }> = [];
  #check: Placement & { rev: number; intervalMs: number; policy: Policy; paused: boolean };
  #given: Given;
  #state: CheckState = newState(0);
  #host: CheckState = newState(0);
  #pulse: Pulse = NO_PULSE;
  #fleet: FleetState = {};
  #deafUntil = 0;

  constructor(given: Partial<Given>) {
    this.#given = {
      runners: 'A B',
      interval: '60s',
      timeout: '5s',
      flush: '15s',
      failures: 2,
      successes: 1,
      policy: 'any',
      ...given,
    };
    for (const name of this.#given.runners.split(' ')) this.#add(name);
    this.#check = {
      checkId: CHECK,
      locations: null,
      runnerId: given.pinned ? this.#runner(given.pinned).id : null,
      rev: 1,
      intervalMs: ms(this.#given.interval),
      policy: this.#policy(this.#given.policy),
      paused: false,
    };
  }

  play(story: string): this {
    const lines = story.split('\n').flatMap(linesOf);
    const end = Math.max(...lines.map(({ at }) => at));
    for (let tick = START; tick <= end; tick += TICK_MS) lines.push({ at: tick, text: 'tick' });
    // At one moment: edits and readings as written, then the tick, then what is said.
    const order = ({ text }: Line) =>
      text === 'tick' ? 1 : /^(says|rtt|level) /.test(text) ? 2 : 0;
    lines.sort((a, b) => a.at - b.at || order(a) - order(b));
    for (const line of lines) {
      this.#now = line.at;
      this.#perform(line.text);
    }
    return this;
  }

  #perform(text: string): void {
    const [verb = '', object = '', ...rest] = text.split(' ');
    if (verb === 'tick') this.#tick();
    else if (verb === 'deaf') this.#deafUntil = START + clock(object);
    else if (verb === 'says') expect(this.says(), `at ${ago(this.#now)}`).toBe(text.slice(5));
    else if (verb === 'rtt') {
      const rttUs = object === 'none' ? null : ms(object) * 1000;
      expect(this.verdict().rttUs, `RTT at ${ago(this.#now)}`).toBe(rttUs);
    } else if (verb === 'level') {
      expect(this.#state.level, `level at ${ago(this.#now)}`).toBe(Number(object));
    } else {
      if (!this.#change(verb, object)) this.#post(this.#runner(verb), object, rest);
      this.#judge();
    }
  }

  /** What a person does; false when the line is not about that. */
  #change(verb: string, object: string): boolean {
    switch (verb) {
      case 'edit':
        this.#edit(object);
        return true;
      case 'add':
        this.#add(object);
        return true;
      case 'enable':
      case 'disable':
        this.#location(object).enabled = verb === 'enable';
        return true;
      case 'revoke':
        this.#runner(object).status = 'revoked';
        return true;
      case 'quarantine':
      case 'trust':
        this.#runner(object).quarantined = verb === 'quarantine';
        return true;
      case 'pause':
      case 'resume':
        this.#check.paused = verb === 'pause';
        return true;
      default:
        return false;
    }
  }

  #post(runner: Runner, what: string, rest: string[]): void {
    if (this.#now < this.#deafUntil) throw new Error(`${ago(this.#now)}: the worker is deaf`);
    runner.postedAt = this.#now;
    if (what === 'late' || what === 'flush') return;
    const readings =
      what === 'posts' ? rest.map((each) => this.#reading(each)) : [this.#reading(what, rest[0])];
    this.#fold(runner, readings);
  }

  #reading(text: string, rtt?: string): Reading {
    const [outcome = '', at] = text.split('@');
    const level = outcome === 'unable' ? null : (LEVELS[outcome] ?? (Number(outcome) || 100));
    const reading: Reading = {
      at: at === undefined ? this.#now : START + clock(at),
      level,
      rttUs: level !== null && level < 300 ? ms(rtt ?? '20ms') * 1000 : null,
      code: level === null ? 'unable.icmp' : level < 200 ? 'ok' : level < 300 ? 'slow' : 'timeout',
      text: '',
    };
    return outcome === 'blind' ? { ...reading, blind: true } : reading;
  }

  #fold(runner: Runner, readings: readonly Reading[]): void {
    if (!isAssigned(this.#check, runner, this.#locations)) return;
    const { failures, successes, timeout, flush } = this.#given;
    const { rev, intervalMs } = this.#check;
    runner.view = foldAll(
      runner.view,
      rev,
      readings.filter(({ at }) => at <= this.#now + MAX_FUTURE_MS),
      { failures, successes },
      { intervalMs, timeoutMs: ms(timeout), flushMs: ms(flush) },
    );
  }

  #tick(): void {
    if (this.#now < this.#deafUntil) return;
    const flushMs = ms(this.#given.flush);
    const { pulse, deaf } = beat(this.#pulse, this.#now, flushMs);
    this.#pulse = pulse;
    if (deaf) this.#write([`deaf ${ago(deaf.fromAt)}–${ago(deaf.toAt)}`]);
    const active = this.#runners.filter(({ status }) => status === 'active');
    const { fleet, events } = stepFleet(
      this.#fleet,
      active.map(({ id, postedAt }) => ({ runnerId: id, postedAt })),
      hearing(pulse, this.#now),
      flushMs,
    );
    this.#fleet = fleet;
    const names = (ids: readonly number[]) =>
      ids.map((id) => this.#runners.find((each) => each.id === id)?.name).join(' ');
    for (const event of events) {
      if (event.type === 'runner.silent') {
        const all = event.all ? 'no runner left: ' : '';
        this.#write([`${all}silent ${names(event.runnerIds)} since ${ago(event.sinceAt)}`]);
      }
      if (event.type === 'runner.back') this.#write([`back ${names(event.runnerIds)}`]);
    }
    this.#judge();
  }

  verdict(): Verdict {
    const heard = hearing(this.#pulse, this.#now);
    const { intervalMs, policy, rev } = this.#check;
    const flushMs = ms(this.#given.flush);
    const locations = assignedLocations(this.#check, this.#locations, this.#runners).map((id) => {
      const standing = this.#runners.filter(
        (runner) => runner.locationId === id && isAssigned(this.#check, runner, this.#locations),
      );
      const views = standing.map(({ view, postedAt, quarantined }) => ({
        view: view?.rev === rev ? view : null,
        silent: postedAt > 0 && isSilent(postedAt, heard.judgedAt, flushMs),
        quarantined,
      }));
      return locationView(id, views, heard.judgedAt);
    });
    return merge({ policy, locations, intervalMs, now: heard.judgedAt });
  }

  says(): string {
    return explainVerdict(
      this.verdict(),
      (id) => this.#locations.find((each) => each.id === id)?.name ?? '?',
      this.#state.disputed,
    );
  }

  #judge(): void {
    const judged = this.#check.paused
      ? pause(this.#state, this.#now)
      : step(this.#state, this.verdict(), this.#now);
    this.#state = judged.state;
    this.#write(judged.events.map((event) => this.#words(event)));
    if (!this.#given.mustReport) return;
    const { postedAt } = this.#runner(this.#given.mustReport);
    const verdict = reportVerdict({
      reportedAt: postedAt,
      aliveTimeoutMs: 90_000,
      heard: hearing(this.#pulse, this.#now),
    });
    const host = step(this.#host, verdict, this.#now);
    this.#host = host.state;
    this.#write(host.events.map((event) => `host ${this.#words(event)}`));
  }

  #words(event: StateEvent): string {
    switch (event.type) {
      case 'flip': {
        const { from, to, sinceAt, at } = event.flip;
        return `${from}→${to}${sinceAt === at ? '' : ` since ${ago(sinceAt)}`}`;
      }
      case 'incident.opened':
        return `incident from ${ago(event.openedAt)}`;
      case 'incident.worsened':
        return 'incident worse';
      case 'incident.closed':
        return `incident over ${ago(event.openedAt)}–${ago(event.closedAt)}`;
      case 'tell':
        return `tell ${event.to}`;
      case 'disputed':
        return `disputed: only ${this.#locations.find(({ id }) => id === event.locationId)?.name}`;
      case 'undisputed':
        return 'undisputed';
    }
  }

  #write(words: string[]): void {
    if (words.length > 0) this.timeline.push(`${ago(this.#now)} ${words.join(', ')}`);
  }

  #edit(what: string): void {
    const [field, value = ''] = what.split('=');
    if (field === 'interval') this.#check = { ...this.#check, intervalMs: ms(value) };
    else if (field === 'target') this.#check = { ...this.#check, rev: this.#check.rev + 1 };
    else if (field === 'policy') {
      this.#check = { ...this.#check, rev: this.#check.rev + 1, policy: this.#policy(value) };
    } else if (field === 'pinned') {
      this.#check = { ...this.#check, runnerId: this.#runner(value).id };
    } else throw new Error(`edit ${what}?`);
  }

  #policy(text: string): Policy {
    const [type, value = ''] = text.split(':');
    switch (type) {
      case 'any':
        return ANY;
      case 'majority':
      case 'all':
        return { type };
      case 'atLeast':
        return { type, n: Number(value) };
      case 'required':
        return {
          type,
          locations: [...value].map((name) => this.#location(name).id),
        };
      default:
        throw new Error(`policy ${text}?`);
    }
  }

  #add(name: string): void {
    const where = name.charAt(0);
    if (!this.#locations.some((each) => each.name === where)) {
      this.#locations.push({ id: this.#locations.length + 1, name: where, enabled: true });
    }
    this.#runners.push({
      id: this.#runners.length + 1,
      name,
      locationId: this.#location(where).id,
      status: 'active',
      postedAt: 0,
      quarantined: false,
      view: null,
    });
  }

  #location(name: string) {
    const found = this.#locations.find((each) => each.name === name);
    if (!found) throw new Error(`no location ${name}`);
    return found;
  }

  #runner(name: string): Runner {
    const found = this.#runners.find((each) => each.name === name);
    if (!found) throw new Error(`no runner "${name}"`);
    return found;
  }
}

/** "1:30 A up", "0:00–5:00/60s A up" or "3:00–9:00 deaf" as moments. */
function linesOf(line: string): Line[] {
  const match = /^\s*([\d:]+)(?:–([\d:]+))?(?:\/(\S+))?\s+(.*\S)\s*$/.exec(line);
  if (!match) {
    if (line.trim() === '') return [];
    throw new Error(`cannot read "${line}"`);
  }
  const [, from = '', to, every, text = ''] = match;
  if (to === undefined) return [{ at: START + clock(from), text }];
  if (every === undefined) return [{ at: START + clock(from), text: `${text} ${to}` }];
  const lines: Line[] = [];
  for (let at = clock(from); at <= clock(to); at += ms(every)) lines.push({ at: START + at, text });
  return lines;
}

/** "1:30" → 90000, "1:00:00" → an hour. */
function clock(text: string): number {
  return text.split(':').reduce((total, part) => total * 60 + Number(part), 0) * 1000;
}

function ms(text: string): number {
  const value = parseDuration(text);
  if (value === null) throw new Error(`"${text}" is no duration`);
  return value;
}

/** Time since the start of the story: "1:30". */
function ago(at: number): string {
  const seconds = Math.round((at - START) / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
