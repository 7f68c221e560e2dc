import * as z from 'zod';
import { type CheckKind, inferLocal, localTarget, WEIGHT } from './kind.ts';

const NAME = /^[A-Za-z0-9][\w:.@\\ -]{0,120}$/;

const fields = z.object({
  target: localTarget('service', NAME, 'must be the name of a service, like "nginx"').meta({
    title: 'Service',
    placeholder: 'service:nginx',
  }),
  expect: z.enum(['running', 'stopped']).default('running').meta({ title: 'Expected' }),
});

/** The state of a service of the runner's machine: of systemd, or of Windows. */
export type ServiceSpec = z.output<typeof fields>;

export const service: CheckKind<ServiceSpec> = {
  title: 'Service on the runner',
  subject: 'runner',
  charted: '',
  schema: fields,
  fields,
  infer: inferLocal('service', NAME),
  weight: () => WEIGHT.process,
  addressOf: () => null,
};
