import * as z from 'zod';
import { type CheckKind, degradedAfter, family, splitHostPort } from './kind.ts';

const fields = z.object({
  target: z
    .string()
    .trim()
    .refine((text) => splitHostPort(text) !== null, {
      message: 'must be a host with a port, like "example.org:25" or "[2001:db8::1]:25"',
    })
    .meta({ title: 'Host and port', placeholder: 'example.org:25' }),
  family,
  degradedAfter,
});

/** TCP connect: every address is tried in turn until one accepts. RTT is the connect time, DNS apart. */
export type TcpSpec = z.output<typeof fields>;

export const tcp: CheckKind<TcpSpec> = {
  title: 'TCP port',
  subject: 'target',
  schema: fields,
  fields,
  infer(text) {
    const bare = text.replace(/^tcp:\/\//i, '').replace(/\/$/, '');
    return splitHostPort(bare) ? bare : null;
  },
  addressOf: (spec) => splitHostPort(spec.target)?.host ?? null,
};
