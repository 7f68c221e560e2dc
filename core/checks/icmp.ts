import * as z from 'zod';
import { duration } from '../duration.ts';
import { USUAL_SIZE } from './echo.ts';
import { type CheckKind, degradedAfter, family, isHost, WEIGHT } from './kind.ts';

const PACKETS = { section: 'Packets' };

const percent = z.int().min(1).max(100).optional();

const fields = z.object({
  target: z
    .string()
    .trim()
    .refine(isHost, { message: 'must be a name or an address, like "example.org" or "192.0.2.7"' })
    .meta({ title: 'Name or address', placeholder: 'example.org' }),
  family,
  addresses: z.enum(['any', 'all']).default('any').meta({
    title: 'Addresses that must answer',
    description: 'of those the name has',
  }),
  count: z
    .int()
    .min(1)
    .max(20)
    .default(1)
    .meta({ title: 'Echo requests', description: 'sent to each address; one reply is enough' }),
  gap: duration(10, 10_000)
    .optional()
    .meta({
      title: 'Between two requests',
      description: 'at most 200 ms if empty; shorter where the timeout leaves no room',
      placeholder: '200ms',
      ...PACKETS,
    }),
  size: z
    .int()
    .min(12)
    .max(65_507)
    .default(USUAL_SIZE)
    .meta({ title: 'Size', description: 'bytes of data in each request', ...PACKETS }),
  dontFragment: z
    .boolean()
    .default(false)
    .meta({
      title: "Don't fragment",
      description: 'down where a request of that size does not pass whole',
      ...PACKETS,
    }),
  degradedLoss: percent.meta({ title: 'Degraded at a loss of', description: 'percent' }),
  downLoss: percent.meta({ title: 'Down at a loss of', description: 'percent' }),
  degradedAfter,
});

/** ICMP echo: every A/AAAA is pinged. RTT is the lowest; where all must answer, that of the slowest address. */
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
  weight: () => WEIGHT.ping,
  addressOf: (spec) => spec.target,
};
