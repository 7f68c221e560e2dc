import { messageOf } from '../failure.ts';
import type { SocketWay } from './engine.ts';
import type { Ping } from './ping.ts';

/** Pings over sockets of our own. A string says why that does not work here. */
export async function startNative(): Promise<{ way: SocketWay; ping: Ping } | string> {
  if (process.platform !== 'linux') return 'own ICMP sockets are for Linux';
  try {
    return (await import('./engine.ts')).openEngine();
  } catch (error) {
    return messageOf(error);
  }
}
