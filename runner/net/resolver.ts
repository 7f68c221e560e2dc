import { Resolver } from 'node:dns/promises';
import { codeOf } from '../failure.ts';

/** What a resolver that is alive may say when asked for the root, which every one of them knows or refuses to tell. */
const ALIVE = new Set(['ENODATA', 'ENOTFOUND', 'EREFUSED', 'ENOTIMP', 'EFORMERR', 'EBADRESP']);
const KEEP_MS = 5000;

let asked: { at: number; answer: Promise<boolean> } | null = null;

/** Whether the system's resolver answers at all; one question serves all probes that wonder within five seconds. */
export function resolverWorks(timeoutMs: number): Promise<boolean> {
  const now = performance.now();
  if (!asked || now - asked.at > KEEP_MS) asked = { at: now, answer: answersForRoot(timeoutMs) };
  return asked.answer;
}

/** Whether a resolver (those of the system when none is named) answers when asked for the root. */
export async function answersForRoot(timeoutMs: number, server?: string): Promise<boolean> {
  // Its own clock is slower than ours, which looks once more at what has come before it gives up.
  const resolver = new Resolver({ timeout: Math.ceil(timeoutMs) + 1000, tries: 1 });
  if (server !== undefined) resolver.setServers([server]);
  const giveUp = setTimeout(() => setImmediate(() => resolver.cancel()), timeoutMs);
  try {
    await resolver.resolveNs('.');
    return true;
  } catch (error) {
    return ALIVE.has(codeOf(error));
  } finally {
    clearTimeout(giveUp);
  }
}
