import type { Deadline } from '../deadline.ts';
import { Failure } from '../failure.ts';
import { dial } from '../net/dial.ts';
import { type Line, lineOf } from '../net/line.ts';
import { type Opened, race } from '../net/race.ts';
import type { Address } from '../net/resolve.ts';
import { findOwnSockets } from './findOwnSockets.ts';

/** Connects to the first address that accepts, to say something there and hear the answer. */
export function call(
  addresses: readonly Address[],
  port: number,
  deadline: Deadline,
): Promise<Opened<Line> | Failure> {
  const own = findOwnSockets();
  if (own instanceof Promise) return own.then(() => call(addresses, port, deadline));
  return own?.canTalk()
    ? race(addresses, port, deadline, own.call, () => own.look())
    : callByNode(addresses, port, deadline);
}

async function callByNode(
  addresses: readonly Address[],
  port: number,
  deadline: Deadline,
): Promise<Opened<Line> | Failure> {
  const dialled = await dial(addresses, port, deadline);
  return dialled instanceof Failure ? dialled : { ...dialled, socket: lineOf(dialled.socket) };
}
