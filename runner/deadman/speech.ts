// What a dead-man says, as a message of the runner's own channels.
import { createHash } from 'node:crypto';
import type { Speaker } from '#core/deadman.ts';
import type { Message } from '#core/message.ts';
import type { OwnMessage } from '../channels/channel.ts';

/** `at` tells one outage from the next; all dead-men speak of one worker in one thread. */
export function speech(message: Message, { url, runner }: Speaker, at: number): OwnMessage {
  const thread = `anyup-deadman-${hash(url)}`;
  return {
    ...message,
    footer: `Anyup, by the dead-man of runner ${runner}`,
    key: `${thread}-${hash(runner)}-${message.mood}-${Math.round(at)}`,
    thread,
  };
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
