// The one time of a world: events in the order of their moments, and nothing in between.
import { setImmediate as turn } from 'node:timers/promises';

interface Event {
  at: number;
  order: number;
  call: (() => unknown) | null;
}

/** Nine minutes before an hour and a day end, so that both are summed up while a world lives. */
export const START = Date.UTC(2026, 10, 21, 23, 51, 0);

export class VirtualClock {
  nowMs = START;
  #heap: Event[] = [];
  #order = 0;
  #failure: { error: unknown } | null = null;
  /** What is worked on outside of this thread, in the order it was asked for; gives what hands the result over. */
  #outside: Array<Promise<() => void>> = [];

  /** Calls at a moment; the function given back calls it off. */
  at(time: number, call: () => unknown): () => void {
    const event: Event = { at: Math.max(this.nowMs, Math.ceil(time)), order: this.#order++, call };
    this.#push(event);
    return () => {
      event.call = null;
    };
  }

  after(ms: number, call: () => unknown): () => void {
    return this.at(this.nowMs + Math.max(0, ms), call);
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /** Lives through all that happens until a moment. What an event throws ends the world. */
  async runUntil(time: number): Promise<void> {
    for (let next = this.#heap[0]; next && next.at <= time; next = this.#heap[0]) {
      this.#pop();
      if (next.call === null) continue;
      this.nowMs = next.at;
      this.#begin(next.call);
      await this.settle();
      if (this.#failure) throw this.#failure.error;
    }
    this.nowMs = Math.max(this.nowMs, time);
  }

  /**
   * Work of the thread pool, however long it takes there: its result comes when nothing else can go on, and after the
   * results of all that was asked for before, so that no machine's speed decides what comes first.
   */
  outside<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const done = work.then(
        (value) => () => resolve(value),
        (error) => () => reject(error),
      );
      this.#outside.push(done);
    });
  }

  /** Lets promises have their turns until nothing but time can go on. */
  async settle(): Promise<void> {
    await turn();
    for (let next = this.#outside.shift(); next; next = this.#outside.shift()) {
      const handOver = await next;
      handOver();
      await turn();
    }
  }

  /** Lives on until the promise is settled. */
  async until<T>(promise: Promise<T>): Promise<T> {
    let open = true;
    const close = () => {
      open = false;
    };
    promise.then(close, close);
    await this.settle();
    while (open) {
      const next = this.#heap[0];
      if (!next) throw new Error('nothing will ever settle this');
      await this.runUntil(next.at);
    }
    return promise;
  }

  #begin(call: () => unknown): void {
    const fail = (error: unknown) => {
      this.#failure ??= { error };
    };
    try {
      const work = call();
      if (work instanceof Promise) work.catch(fail);
    } catch (error) {
      fail(error);
    }
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let index = heap.push(event) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(event, heap[parent] as Event)) break;
      heap[index] = heap[parent] as Event;
      index = parent;
    }
    heap[index] = event;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Event;
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      const right = heap[child + 1];
      if (right && isBefore(right, heap[child] as Event)) child++;
      const next = heap[child];
      if (!next || !isBefore(next, last)) break;
      heap[index] = next;
      index = child;
    }
    heap[index] = last;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
