import * as z from 'zod';
import { defineChannel } from './channel.ts';

/** A channel of a runner's own: what authorizes stays with that runner. */
export const relay = defineChannel({
  title: 'By a runner',
  schema: z.object({
    runner: z
      .string()
      .trim()
      .min(1, { message: 'must be the name of a runner' })
      .max(64, { message: 'must be the name of a runner, at most 64 characters' })
      .meta({
        title: 'Runner',
        description: 'its name, as on the page Runners',
        placeholder: 'attic',
      }),
    channel: z
      .string()
      .trim()
      .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, {
        message: 'must be a name under "channels" of the runner’s own file',
      })
      .meta({
        title: 'Its channel',
        description: 'a name that the runner’s own file has under "channels" and "relay"',
        placeholder: 'mail',
      }),
  }),
  send: (settings, message, { handToRunner }) => handToRunner(settings, message),
});
