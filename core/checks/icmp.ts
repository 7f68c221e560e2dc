import * as z from 'zod';
import { type CheckKind, degradedAfter, family, isHost } from './kind.ts';

const fields = z.object({
  target: z
    .string()
    .trim()
    .refine(isHost, { message: 'must be a name or an address, like "example.org" or "192.0.2.7"' })
    .meta({ title: 'Name or address', placeholder: 'example.org' }),
  family,
  count: z
    .int()
    .min(1)
    .max(20)
    .default(1)
    .meta({ title: 'Echo requests', description: 'sent to each address; one reply is enough' }),
  degradedAfter,
});

/** ICMP echo: every A/AAAA is pinged, up if any answers, RTT is the lowest. */
export type IcmpSpec = z.output<typeof fields>;

export const icmp: CheckKind<IcmpSpec> = {
  title: 'Ping (ICMP)',
  subject: 'target',
  schema: fields,
  fields,
  infer(text) {
    const bare = text.replace(/^icmp:\/\//i, '').replace(/^\[(.*)\]$/, '$1');
    return isHost(bare) ? bare : null;
  },
  addressOf: (spec) => spec.target,
};
