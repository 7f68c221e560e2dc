// The one door between a check and its probe: secrets go in here, limits hold from here on, and nothing that comes
// back says a secret.
import type { OwnChannels } from '../channels/own.ts';
import { type EvidenceRules, evidenceOf, refitted } from '../evidence/make.ts';
import { nothingSeen, type Seen } from '../evidence/seen.ts';
import { Failure, messageOf } from '../failure.ts';
import type { ProbeFunction } from '../platform.ts';
import type { Probed } from '../probe.ts';
import { Mask, TELLTALE } from './mask.ts';
import type { Networks } from './networks.ts';
import { within } from './probing.ts';
import type { Secrets } from './secrets.ts';

/** What the runner's owner allows. */
export interface Guard {
  /** The file it was read from; null = there is none, and defaults hold. */
  from: string | null;
  networks: Networks;
  secrets: Secrets;
  /** Where this runner itself may send messages. */
  channels: OwnChannels;
  /** It tells people when its worker is gone: by which channels, and after how long as the first of the dead-men; null = not. */
  deadman: { channels: readonly string[]; afterMs: number } | null;
  /** Channels that the worker may have this runner send messages by. */
  relay: readonly string[];
  evidence: EvidenceRules;
}

/** The same probe within what the runner's file allows. Never rejects. */
export function guarded(
  probe: ProbeFunction,
  {
    networks,
    secrets,
    channels,
    evidence: rules,
  }: Pick<Guard, 'networks' | 'secrets' | 'evidence'> & Partial<Guard>,
): ProbeFunction {
  const mask = new Mask(new Map([...(channels?.values() ?? []), ...secrets.values()]));
  const holdsSecret = (text: string) => mask.finds(text);
  const leaving = (probed: Probed, seen: Seen | undefined, config: Record<string, unknown>) => {
    const evidence = seen ? evidenceOf(probed, seen, rules) : null;
    if (evidence === null) return mask.of(probed);
    const credentials = new Mask(credentialsIn({ ...config, sent: seen?.hidden }));
    return { ...mask.of(probed), evidence: refitted(mask.of(credentials.of(evidence))) };
  };
  const broken = (error: unknown) =>
    mask.of(unable(new Failure('unable.internal', messageOf(error))));
  return (config, context) => {
    const filled = secrets.into(config);
    if (filled instanceof Failure) return Promise.resolve(unable(filled));
    const seen = context.evidence && nothingSeen(context.evidence);
    try {
      return within({ networks, holdsSecret, seen }, () => probe(filled, context))
        .then((probed) => leaving(probed, seen, filled))
        .catch(broken);
    } catch (error) {
      return Promise.resolve(broken(error));
    }
  };
}

function unable({ code, text }: Failure) {
  return { level: null, rttUs: null, code, text };
}

/** Fields of a check that hold a credential outright; what a server answers may repeat it. */
const CREDENTIALS = ['password', 'token', 'clientSecret', 'clientKey', 'sent'] as const;

function credentialsIn(config: Record<string, unknown>): Map<string, string> {
  const found = CREDENTIALS.flatMap((name) => {
    const value = config[name];
    return typeof value === 'string' && value.length >= TELLTALE ? [[name, value] as const] : [];
  });
  return new Map(found);
}
