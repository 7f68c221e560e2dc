// A connection that something is said over once, and heard until it ends: the same whatever sort of socket it is.
import type { Socket } from 'node:net';
import { microsSince } from '../deadline.ts';
import type { Ear } from './dial.ts';

/** What comes of it; nothing is heard any more once it was hung up. */
export interface LineHears {
  /** The chunk is gone when this comes back. `afterUs`: from the saying to its arrival. */
  data(chunk: Buffer, afterUs: number): void;
  /** The other end has said all it has to say. */
  ended(): void;
  /** Nothing more will come, of whatever reason. */
  closed(): void;
  /** An error with the system's code, `afterUs` after the saying. */
  failed(error: Error, afterUs: number): void;
}

export interface Line {
  /** Once only. */
  say: (bytes: Buffer, hears: LineHears) => void;
  /** Takes in what has come, where nobody stands by for it. */
  look: () => void;
  hangUp: () => void;
}

/** Over a socket of Node's, of which nothing was heard yet. `ear`: what it was made with. */
export function lineOf(socket: Socket, ear?: Ear): Line {
  const say = (bytes: Buffer, hears: LineHears) => {
    const startedAt = performance.now();
    const hear = (chunk: Buffer) => hears.data(chunk, microsSince(startedAt));
    if (ear) ear.hear = hear;
    else socket.on('data', hear);
    socket.once('end', () => hears.ended()).once('close', () => hears.closed());
    socket.on('error', (error) => hears.failed(error, microsSince(startedAt)));
    socket.write(bytes);
    // One that led through a proxy was stopped there.
    if (socket.isPaused()) socket.resume();
  };
  return { say, look: () => {}, hangUp: () => socket.destroy() };
}
