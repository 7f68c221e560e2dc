// One attempt at one message: open the settings, put it into words, hand it to the channel.
import { renderDigest, renderNotice } from '#core/message.ts';
import type { Notice } from '#core/notice.ts';
import type { ChannelRow } from '#db/rows/channel.ts';
import { write } from '#db/write.ts';
import { sha256 } from '../crypto/hash.ts';
import { isSealedByPresent, open, seal } from '../crypto/seal.ts';
import type { OutgoingMessage, SendResult } from '../notify/channel.ts';
import { CHANNELS, isChannelKind } from '../notify/index.ts';
import type { Platform } from '../platform.ts';
import { handToRunner } from './handToRunner.ts';

/** What a message is made of. */
export interface Told {
  id: number;
  createdAt: number;
  notice: Notice;
}

/** Sends deliveries of one channel as one message; several make a digest. */
export async function send(
  platform: Platform,
  channel: ChannelRow,
  deliveries: readonly Told[],
  timeoutMs: number,
): Promise<SendResult> {
  if (!isChannelKind(channel.kind)) {
    return { ok: false, retry: false, error: `no such kind of channel: ${channel.kind}` };
  }
  let secrets: Record<string, unknown>;
  try {
    secrets = channel.secrets === '' ? {} : await open(platform, channel.secrets);
  } catch (error) {
    // A wrong or missing ANYUP_SECRET can be mended, and then nothing is lost.
    return { ok: false, retry: true, error: (error as Error).message };
  }
  await sealAnew(platform, channel, secrets);
  const { fetch, config, now } = platform;
  return CHANNELS[channel.kind].send({ ...channel.config, ...secrets }, await compose(deliveries), {
    fetch,
    config,
    now,
    signal: AbortSignal.timeout(timeoutMs),
    handToRunner: (settings, message) => handToRunner(platform, settings, message),
  });
}

/** What the previous ANYUP_SECRET sealed is sealed by the present one, so that the previous can be let go. */
async function sealAnew(
  platform: Platform,
  { id, secrets: sealed }: ChannelRow,
  secrets: Record<string, unknown>,
): Promise<void> {
  if (sealed === '' || platform.config.previousSecret === null) return;
  if (await isSealedByPresent(platform, sealed)) return;
  const sql = 'update channel set secrets = ? where id = ? and secrets = ?';
  await write(platform.db, [{ sql, args: [await seal(platform, secrets), id, sealed] }]);
}

async function compose(deliveries: readonly Told[]): Promise<OutgoingMessage> {
  const [first] = deliveries;
  const { subject, lines, mood } =
    first && deliveries.length === 1
      ? renderNotice(first.notice)
      : renderDigest(deliveries.map(({ notice }) => notice));
  return {
    subject,
    lines,
    mood,
    deliveryIds: deliveries.map(({ id }) => id),
    idempotencyKey: await idempotencyKey(deliveries),
  };
}

/** The time of creation tells apart two installations that share an account and both have a delivery 1. */
async function idempotencyKey(deliveries: readonly Told[]): Promise<string> {
  const names = deliveries.map(({ id, createdAt }) => `${id}-${createdAt.toString(36)}`);
  if (names.length === 1) return `anyup-${names[0]}`;
  return `anyup-digest-${await sha256(names.join(' '))}`;
}
