// The settings of a channel: parsed by its kind's own schema, parted into what may be shown and what is sealed.
import * as z from 'zod';
import { open, seal } from '#worker/crypto/seal.ts';
import {
  CHANNELS,
  type ChannelKindName,
  channelFields,
  splitSecrets,
} from '#worker/notify/index.ts';
import type { Platform } from '#worker/platform.ts';
import { parseInput } from '../parse.ts';

export interface StoredSettings {
  config: Record<string, unknown>;
  /** Sealed; empty when the kind has none. */
  secrets: string;
}

/** The settings of a kind, nothing unknown taken. */
export function settingsSchema(kind: ChannelKindName) {
  return z.strictObject(CHANNELS[kind].schema.shape);
}

/** Parses and seals. Refuses with paths under `settings`. */
export async function storeSettings(
  platform: Platform,
  kind: ChannelKindName,
  given: unknown,
): Promise<StoredSettings> {
  const { settings } = parseInput(z.strictObject({ settings: settingsSchema(kind) }), {
    settings: given,
  });
  const { config, secrets } = splitSecrets(kind, settings);
  const sealed = Object.keys(secrets).length > 0 ? await seal(platform, secrets) : '';
  return { config, secrets: sealed };
}

/** What was, with what is given over it: what is absent is kept, null takes a setting away. */
export async function overlaySettings(
  platform: Platform,
  stored: StoredSettings & { kind: ChannelKindName },
  given: Readonly<Record<string, unknown>>,
): Promise<Record<string, unknown>> {
  // Where all are given anew, the old ones need not be readable any more.
  const isKept = channelFields(stored.kind).some(({ name, secret }) => secret && !(name in given));
  const secrets = stored.secrets === '' || !isKept ? {} : await open(platform, stored.secrets);
  const merged = { ...stored.config, ...secrets, ...given };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
}
