// A world that lives from its plan: isolates of the real worker on one database, machines with the real runner, and an
// owner; the oracle watches all of it.
import type { Config } from '#worker/platform.ts';
import { Bell } from './bell.ts';
import { Chats } from './chats.ts';
import type { VirtualClock } from './clock.ts';
import { Database } from './database.ts';
import type { Files } from './disk.ts';
import type { Fault, Plan } from './faults.ts';
import { words } from './faults.ts';
import { Isolate } from './isolate.ts';
import { Ledger } from './ledger.ts';
import { Machine } from './machine.ts';
import { FAIR, Network } from './network.ts';
import { Oracle } from './oracle.ts';
import { ACCESS_KEY_HASH, Owner } from './owner.ts';
import { Random } from './random.ts';
import type { Counts } from './simulate.ts';
import { Story } from './story.ts';
import { Targets } from './target.ts';

/** A chat with the rule that leads to it. */
export interface Chat {
  chatId: string;
  from: 'degraded' | 'down';
  fleet: boolean;
}

const CHATS: Chat[] = [
  { chatId: '-1001', from: 'down', fleet: true },
  { chatId: '-1002', from: 'degraded', fleet: false },
];

/** After a crash of one isolate the others go on; what was under way there is tried again. */
const RESTART_MS = 3000;

const HOUR_MS = 3_600_000;
/** After its end an hour is folded; late arrivals are all old by then. */
const FOLD_MS = 125_000;

export class World {
  readonly plan: Plan;
  readonly clock: VirtualClock;
  readonly story: Story;
  readonly bell: Bell | null;
  readonly targets = new Targets();
  readonly ledger = new Ledger();
  readonly chats: Chats;
  readonly network: Network;
  readonly isolates: Isolate[] = [];
  readonly machines: Machine[] = [];
  readonly owner: Owner;
  readonly database: Database;
  readonly oracle: Oracle;
  readonly checks: Array<{ host: number; check: number }> = [];
  /** Since when neither an isolate nor the database nor a chat had any trouble. */
  workerWellSince = 0;
  /** How many faults of a kind are on: the last to end mends it. */
  readonly #on = new Map<string, number>();
  readonly #alongWith = new Map<Fault, Machine>();
  readonly #snapshots = new Map<Fault, { files: Files; takenAt: number }>();

  private constructor(plan: Plan, clock: VirtualClock, database: Database) {
    this.plan = plan;
    this.clock = clock;
    this.story = new Story(clock);
    this.bell = plan.channel ? new Bell(clock) : null;
    this.database = database;
    const { seed } = plan;
    const random = (name: string) => new Random(`${seed} ${name}`);
    this.chats = new Chats(clock, random('chats'), this.story);
    const { story, ledger, isolates } = this;
    this.network = new Network({ clock, random: random('network'), story, isolates, ledger });
    for (let index = 1; index <= plan.isolates; index++) {
      const { chats, bell } = this;
      const { tickMs } = plan;
      const given = { seed, clock, story, database, chats, config: configOf(plan), tickMs, bell };
      isolates.push(new Isolate(given, `w${index}`));
    }
    this.owner = new Owner(clock, story, isolates);
    this.oracle = new Oracle(this);
    database.wrote = (statements) => this.oracle.wrote(statements);
  }

  static open(plan: Plan, clock: VirtualClock): World {
    return new World(plan, clock, Database.open(clock, new Random(`${plan.seed} database`)));
  }

  /** Lives to the end of the plan; throws when a law is broken. */
  async live(): Promise<void> {
    const { clock, plan } = this;
    await this.#setUp();
    for (const fault of plan.faults) this.#plan(fault);
    clock.at(plan.calmAt, () => this.#mendAll());
    this.oracle.start();
    await clock.runUntil(plan.endAt);
    this.database.instant = true;
    await this.oracle.end();
    await this.#foldAll();
    await this.oracle.folded();
  }

  counts(): Counts {
    return {
      results: this.ledger.stored.size,
      flips: this.oracle.flips,
      messages: this.chats.arrived.length,
    };
  }

  close(): void {
    this.database.client.close();
  }

  machine(name: string): Machine {
    const found = this.machines.find((each) => each.name === name);
    if (!found) throw new Error(`no machine ${name}`);
    return found;
  }

  /** Nobody is there until the hour is over; then a worker folds what there is. */
  async #foldAll(): Promise<void> {
    const { clock, plan, isolates } = this;
    for (const machine of this.machines) machine.kill();
    for (const isolate of isolates) isolate.crash();
    const hourEnds = Math.ceil(plan.endAt / HOUR_MS) * HOUR_MS;
    await clock.runUntil(hourEnds + FOLD_MS);
    isolates[0]?.start();
    await clock.runUntil(hourEnds + FOLD_MS + plan.tickMs + 5000);
  }

  /** What the first isolate, or the one given, answers to a question by the API. */
  async ask<T>(path: string, isolate = this.isolates[0]): Promise<T> {
    if (!isolate) throw new Error('there is nobody to ask');
    return (await this.clock.until(this.owner.read(isolate, path))) as T;
  }

  /** In good weather, and at once. */
  async #setUp(): Promise<void> {
    const { clock, plan, owner, isolates } = this;
    for (const isolate of isolates) isolate.start();
    await clock.settle();
    for (const chat of CHATS)
      await clock.until(owner.addChannel(chat.chatId, chat.from, chat.fleet));
    for (const place of new Set(plan.machines.map(({ location }) => location))) {
      await clock.until(owner.code(place));
    }
    for (const each of plan.machines) await clock.until(this.#addMachine(each));
    for (const [index, check] of plan.checks.entries()) {
      this.checks.push(await clock.until(owner.addHost(`host ${index + 1}`, check)));
    }
    this.database.instant = false;
    this.database.usualMs = plan.databaseMs;
    this.database.heal();
    for (const machine of this.machines) machine.start();
  }

  async #addMachine({ name, location, wallMs }: Plan['machines'][number]): Promise<Machine> {
    const code = await this.owner.code(location);
    const { seed } = this.plan;
    const { clock, story, network, targets, ledger, bell } = this;
    const around = { seed, clock, story, network, targets, ledger, bell };
    const machine = new Machine(around, name, location, code);
    machine.wallMs = wallMs;
    machine.wellSince = clock.nowMs;
    this.machines.push(machine);
    return machine;
  }

  #plan(fault: Fault): void {
    this.clock.at(fault.at, async () => {
      this.story.tell(`FAULT ${words(fault)}`);
      await this.#begin(fault);
    });
    if ('until' in fault) this.clock.at(fault.until, () => this.#end(fault));
  }

  /** Called when a fault of a kind begins; `off` when the last of them ended. */
  #switch(key: string, by: 1 | -1): boolean {
    const count = Math.max(0, (this.#on.get(key) ?? 0) + by);
    this.#on.set(key, count);
    return count === 0;
  }

  async #begin(fault: Fault): Promise<void> {
    if ('machine' in fault && typeof fault.machine === 'string') {
      const machine = this.machine(fault.machine);
      if (machine.gone) return;
      machine.wellSince = Number.POSITIVE_INFINITY;
      this.#switch(`ill ${machine.name}`, 1);
      await this.#beginAt(machine, fault);
      return;
    }
    switch (fault.kind) {
      case 'target': {
        const { target, locations, at: from, until: to, how } = fault;
        this.targets.conditions.push({ target, locations, from, to, how });
        return;
      }
      case 'join': {
        if (this.machines.some(({ name }) => name === fault.machine.name)) return;
        const machine = await this.#addMachine(fault.machine);
        machine.start();
        return;
      }
      case 'edit': {
        const ids = this.checks[fault.check];
        if (ids) await this.owner.edit(ids, fault.edit);
        return;
      }
      case 'outage':
        this.#workerIll(1);
        this.#switch('outage', 1);
        for (const isolate of this.isolates) isolate.crash();
        return;
      case 'crash': {
        this.#workerIll(1);
        const isolate = this.isolates[fault.isolate];
        const { writes, when } = fault;
        const dies = (sender: number | null) => {
          const along = this.machines.find((each) =>
            fault.with === 'sender' ? each.runnerId === sender : each.name === fault.with,
          );
          if (!along) return;
          along.wellSince = Number.POSITIVE_INFINITY;
          along.kill();
          this.#alongWith.set(fault, along);
        };
        if (isolate) isolate.doomed = { writes, when, dies };
        return;
      }
      case 'database':
        this.#workerIll(1);
        this.#switch('database', 1);
        this.database.trouble = fault.trouble;
        return;
      case 'channel':
        this.#switch('channel', 1);
        this.chats.trouble = fault.trouble;
    }
  }

  async #beginAt(machine: Machine, fault: Fault): Promise<void> {
    switch (fault.kind) {
      case 'cut':
        this.network.cut.add(machine.name);
        return;
      case 'cutOff':
        machine.cutOff = true;
        return;
      case 'walled':
      case 'mistaken':
        machine.sight = fault.kind;
        return;
      case 'crippled':
        machine.crippled = true;
        return;
      case 'weather':
        this.network.weather.set(machine.name, fault.weather);
        return;
      case 'kill':
        machine.kill();
        return;
      case 'powerCut':
        machine.powerCut();
        return;
      case 'disk':
        machine.failDisk(fault.trouble);
        return;
      case 'restore':
        this.#snapshots.set(fault, { files: machine.disk.snapshot(), takenAt: this.clock.nowMs });
        return;
      case 'step':
        machine.wallMs += fault.ms;
        return;
      case 'suspend':
        machine.suspend(fault.until - fault.at);
        return;
      case 'disable':
        if (machine.runnerId !== null) await this.owner.setRunner(machine.runnerId, 'disabled');
        return;
      case 'leave':
        await machine.leave();
        if (fault.revoke && machine.runnerId !== null) await this.owner.revoke(machine.runnerId);
    }
  }

  async #end(fault: Fault): Promise<void> {
    if ('machine' in fault && typeof fault.machine === 'string') {
      const machine = this.machine(fault.machine);
      const well = this.#switch(`ill ${machine.name}`, -1);
      this.#endAt(machine, fault);
      if (fault.kind === 'disable' && machine.runnerId !== null && !machine.gone) {
        await this.owner.setRunner(machine.runnerId, 'active');
      }
      if (well) machine.wellSince = this.clock.nowMs;
      return;
    }
    switch (fault.kind) {
      case 'outage':
        if (!this.#switch('outage', -1)) return;
        for (const isolate of this.isolates) isolate.start();
        return this.#workerIll(-1);
      case 'crash':
        for (const isolate of this.isolates) {
          isolate.doomed = null;
          if (!this.#on.get('outage')) isolate.start();
        }
        this.#restart(this.#alongWith.get(fault));
        return this.#workerIll(-1);
      case 'database':
        if (this.#switch('database', -1)) this.database.heal();
        return this.#workerIll(-1);
      case 'channel':
        if (this.#switch('channel', -1)) this.chats.trouble = null;
    }
  }

  #endAt(machine: Machine, fault: Fault): void {
    const snapshot = this.#snapshots.get(fault);
    if (snapshot && !machine.gone) machine.restore(snapshot.files, snapshot.takenAt);
    switch (fault.kind) {
      case 'cut':
        this.network.cut.delete(machine.name);
        return;
      case 'cutOff':
        machine.cutOff = false;
        return;
      case 'walled':
      case 'mistaken':
        machine.sight = null;
        return;
      case 'crippled':
        machine.crippled = false;
        return;
      case 'weather':
        this.network.weather.set(machine.name, FAIR);
        return;
      case 'disk':
        machine.healDisk();
        return;
      case 'kill':
      case 'powerCut':
      case 'restore':
        machine.start();
    }
  }

  /** Whoever stood on the machine of an isolate that died. */
  #restart(along: Machine | undefined): void {
    if (!along) return;
    along.start();
    if (!this.#on.get(`ill ${along.name}`)) along.wellSince = this.clock.nowMs;
  }

  #workerIll(by: 1 | -1): void {
    const well = this.#switch('worker', by);
    this.workerWellSince = well ? this.clock.nowMs : Number.POSITIVE_INFINITY;
  }

  /** What two faults of a kind left behind between them. */
  #mendAll(): void {
    this.story.tell('CALM');
    this.database.heal();
    this.chats.trouble = null;
    this.network.cut.clear();
    this.network.weather.clear();
    this.clock.after(RESTART_MS, () => {
      for (const isolate of this.isolates) {
        isolate.doomed = null;
        isolate.start();
      }
      for (const machine of this.machines) {
        machine.cutOff = false;
        machine.crippled = false;
        machine.sight = null;
        machine.healDisk();
        machine.start();
      }
    });
  }
}

export { CHATS };

function configOf({ flushMs }: Plan): Config {
  return {
    url: 'http://anyup.test',
    secret: new Uint8Array(32).fill(7),
    previousSecret: null,
    accessKeyHash: ACCESS_KEY_HASH,
    flushMs,
    runtime: 'node',
    loopbackOnly: false,
    cloudflare: false,
    telegramApiUrl: 'http://127.0.0.1:9',
    healthcheckUrl: null,
    workerNetworks: [],
    resendBaseUrl: 'http://127.0.0.1:9',
  };
}
