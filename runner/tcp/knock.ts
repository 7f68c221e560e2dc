import type { Deadline } from '../deadline.ts';
import { Failure } from '../failure.ts';
import { dial } from '../net/dial.ts';
import { type Opened, race } from '../net/race.ts';
import type { Address } from '../net/resolve.ts';
import { findOwnSockets } from './findOwnSockets.ts';

/** Connects to the first address that accepts, and hangs up at once. */
export function knock(
  addresses: readonly Address[],
  port: number,
  deadline: Deadline,
): Promise<Opened<null> | Failure> {
  const own = findOwnSockets();
  if (own instanceof Promise) return own.then(() => knock(addresses, port, deadline));
  return own?.canKnock()
    ? race(addresses, port, deadline, own.knock, () => own.look())
    : callAndHangUp(addresses, port, deadline);
}

async function callAndHangUp(
  addresses: readonly Address[],
  port: number,
  deadline: Deadline,
): Promise<Opened<null> | Failure> {
  const dialled = await dial(addresses, port, deadline);
  if (dialled instanceof Failure) return dialled;
  // A reset leaves no TIME_WAIT behind, here or there.
  dialled.socket.on('error', () => {}).resetAndDestroy();
  return { ...dialled, socket: null };
}
