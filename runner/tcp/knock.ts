import type { Deadline } from '../deadline.ts';
import { Failure } from '../failure.ts';
import { dial } from '../net/dial.ts';
import { type Opened, race } from '../net/race.ts';
import type { Address } from '../net/resolve.ts';
import type { openKnocker } from './knocker.ts';

/** Null = there is none here; undefined = not looked for yet. */
let knocker: ReturnType<typeof openKnocker> | undefined;
let looking: Promise<void> | undefined;

async function lookForKnocker(): Promise<void> {
  try {
    knocker = process.platform === 'linux' ? (await import('./knocker.ts')).openKnocker() : null;
  } catch {
    // Node's own sockets do it too.
    knocker = null;
  }
}

/** Connects to the first address that accepts, and hangs up at once. */
export function knock(
  addresses: readonly Address[],
  port: number,
  deadline: Deadline,
): Promise<Opened<null> | Failure> {
  if (knocker === undefined) {
    looking ??= lookForKnocker();
    return looking.then(() => knock(addresses, port, deadline));
  }
  return knocker?.isTrue()
    ? race(addresses, port, deadline, knocker.open, knocker.look)
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
