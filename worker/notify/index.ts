// The registry of channels. A new kind is its file and one line here.
import { type ChannelKind, secretFields } from './channel.ts';
import { email } from './email.ts';
import { relay } from './relay.ts';
import { telegram } from './telegram.ts';

export const CHANNELS = { telegram, email, relay } as const satisfies Record<string, ChannelKind>;

export type ChannelKindName = keyof typeof CHANNELS;

export const CHANNEL_KINDS = Object.keys(CHANNELS) as ChannelKindName[];

export function isChannelKind(value: unknown): value is ChannelKindName {
  return typeof value === 'string' && Object.hasOwn(CHANNELS, value);
}

/** Parts settings into what may be shown and what is sealed. */
export function splitSecrets(
  kind: ChannelKindName,
  settings: Record<string, unknown>,
): { config: Record<string, unknown>; secrets: Record<string, unknown> } {
  const secret = new Set(secretFields(CHANNELS[kind].schema));
  const entries = Object.entries(settings).filter(([, value]) => value !== undefined);
  return {
    config: Object.fromEntries(entries.filter(([name]) => !secret.has(name))),
    secrets: Object.fromEntries(entries.filter(([name]) => secret.has(name))),
  };
}

/** One setting of a kind, as a form shows it. */
export interface ChannelField {
  name: string;
  title: string;
  description: string;
  placeholder: string;
  /** Write-only: never shown again. */
  secret: boolean;
  required: boolean;
  /** Several values, parted by commas. */
  list: boolean;
}

/** The settings of a kind, in the order a form shows them. */
export function channelFields(kind: ChannelKindName): ChannelField[] {
  return Object.entries(CHANNELS[kind].schema.shape).map(([name, field]) => {
    const meta = field.meta() ?? {};
    return {
      name,
      title: String(meta.title ?? name),
      description: String(meta.description ?? ''),
      placeholder: String(meta.placeholder ?? ''),
      secret: meta.secret === true,
      list: meta.list === true,
      required: !field.safeParse(undefined).success,
    };
  });
}
