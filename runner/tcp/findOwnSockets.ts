// Sockets of our own, where this machine has them.
import type { OwnSockets } from './ownSockets.ts';

/** Null = there are none here; undefined = not looked for yet. */
let sockets: OwnSockets | null | undefined;
let looking: Promise<OwnSockets | null> | undefined;

/** Looked for once; a promise only the first time. */
export function findOwnSockets(): OwnSockets | null | Promise<OwnSockets | null> {
  if (sockets !== undefined) return sockets;
  looking ??= look().then((found) => {
    sockets = found;
    return found;
  });
  return looking;
}

async function look(): Promise<OwnSockets | null> {
  if (process.platform !== 'linux') return null;
  try {
    return (await import('./ownSockets.ts')).OwnSockets.open();
  } catch {
    // Node's own do it too.
    return null;
  }
}
