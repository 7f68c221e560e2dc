// What a runtime does beside the program, made to happen in virtual time, at once, or in the order it was asked for:
// without this the thread pool would decide which of two messages is sent first.
import { createHash, KeyObject, verify, type webcrypto } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import type { VirtualClock } from './clock.ts';

/** Takes over timers, WebCrypto and inflation of this process for one world; the function given back returns them. */
export function enterRealm(clock: VirtualClock): () => void {
  const restore: Array<() => void> = [];
  const replace = <T extends object>(owner: T, name: string, value: unknown) => {
    const before = Object.getOwnPropertyDescriptor(owner, name);
    Object.defineProperty(owner, name, { value, configurable: true, writable: true });
    restore.push(() => {
      if (before) Object.defineProperty(owner, name, before);
      else Reflect.deleteProperty(owner, name);
    });
  };
  replaceTimers(clock, replace);
  replaceCrypto(clock, replace);
  replace(globalThis, 'Blob', PromptBlob);
  replace(globalThis, 'DecompressionStream', PromptInflation);
  return () => {
    for (const each of restore.reverse()) each();
  };
}

type Replace = (owner: object, name: string, value: unknown) => void;

function replaceTimers(clock: VirtualClock, replace: Replace): void {
  const setTimer = (call: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => ({
    cancel: clock.after(ms, () => call(...args)),
  });
  replace(globalThis, 'setTimeout', setTimer);
  replace(globalThis, 'clearTimeout', (timer?: { cancel?: () => void }) => timer?.cancel?.());
  replace(AbortSignal, 'timeout', (ms: number) => {
    const controller = new AbortController();
    clock.after(ms, () => controller.abort(new DOMException('timed out', 'TimeoutError')));
    return controller.signal;
  });
}

/** What is called for every post is done at once; the rest is done outside. */
function replaceCrypto(clock: VirtualClock, replace: Replace): void {
  const { subtle } = globalThis.crypto;
  const keys = new WeakMap<object, KeyObject>();
  for (const name of ['importKey', 'deriveKey', 'deriveBits', 'encrypt', 'decrypt', 'sign']) {
    const call = Reflect.get(subtle, name) as (...args: unknown[]) => Promise<unknown>;
    replace(subtle, name, (...args: unknown[]) => clock.outside(call.apply(subtle, args)));
  }
  replace(subtle, 'digest', async (_: string, data: Uint8Array) => {
    const hash = createHash('sha256').update(data).digest();
    return new Uint8Array(hash).buffer;
  });
  replace(
    subtle,
    'verify',
    async (_: unknown, key: webcrypto.CryptoKey, signature: Uint8Array, data: Uint8Array) => {
      const known = keys.get(key) ?? KeyObject.from(key);
      keys.set(key, known);
      return verify(null, data, known, signature);
    },
  );
}

/** A Blob that streams without turns of the event loop: how many it takes is the runtime's own affair. */
class PromptBlob extends Blob {
  readonly #parts: Uint8Array<ArrayBuffer>[];

  constructor(parts: Uint8Array<ArrayBuffer>[]) {
    super(parts);
    this.#parts = parts;
  }

  override stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    const parts = this.#parts;
    return new ReadableStream({
      start: (controller) => {
        for (const part of parts) controller.enqueue(part);
        controller.close();
      },
    });
  }
}

/** Inflates in one piece, in this thread. */
class PromptInflation {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;

  constructor() {
    const parts: Uint8Array[] = [];
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>({
      transform: (part) => {
        parts.push(part);
      },
      flush: (controller) => {
        controller.enqueue(new Uint8Array(gunzipSync(Buffer.concat(parts))));
      },
    });
    this.readable = readable;
    this.writable = writable;
  }
}
