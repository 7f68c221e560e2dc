import { write } from '#db/write.ts';
import { auditRow } from '#worker/actions/auditRow.ts';
import { permit } from '#worker/actions/permit.ts';
import { keepHistory } from '#worker/history/history.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { historyLines } from './history/read.ts';
import { readDocument } from './read.ts';

/** As much as a long outage leaves to be folded. */
const SLICES = 2000;

/** A backup as text, piece by piece: one line with what people set up, and with `full` a line for each row of history. */
export async function* backupText(
  platform: Platform,
  actor: Actor,
  { full }: { full: boolean },
): AsyncGenerator<string> {
  permit(actor, 'owner');
  const { anyup, version, ...rest } = await readDocument(platform, actor);
  await write(platform.db, [
    auditRow(platform, actor, {
      action: 'backup.download',
      subject: full ? 'backup with history' : 'backup',
      before: null,
      after: null,
    }),
  ]);
  yield `${JSON.stringify({ anyup, version, ...(full && { history: true }), ...rest })}\n`;
  if (!full) return;
  // Results that came late are folded into their hours first; where CPU is short the next ticks do it.
  if (platform.config.runtime !== 'edge') await keepHistory(platform, SLICES);
  const checks = new Set(rest.hosts.flatMap((host) => host.checks.map(({ id }) => id)));
  yield* historyLines(platform, checks);
}

/** About this much is put together before it is sent on. */
const PIECE = 64 * 1024;

/** The same as bytes, read only as fast as somebody takes them. */
export function streamed(text: AsyncGenerator<string>): ReadableStream<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      let piece = '';
      while (piece.length < PIECE) {
        const { value, done } = await text.next();
        if (done) {
          if (piece !== '') controller.enqueue(encoder.encode(piece));
          controller.close();
          return;
        }
        piece += value;
      }
      controller.enqueue(encoder.encode(piece));
    },
    async cancel() {
      await text.return(undefined);
    },
  });
}
