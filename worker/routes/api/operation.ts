import type * as z from 'zod';
import type { Actor, Platform } from '#worker/platform.ts';

/** One call of the API: what it is called, takes and gives. Routes and documentation both come from it. */
export interface Operation {
  method: 'get' | 'post' | 'patch' | 'delete';
  /** Below /api/v1; parameters as in `/hosts/:id`. */
  path: string;
  summary: string;
  /** The least role; `anyone` needs no token. */
  role: Actor['role'] | 'anyone';
  /** What the action takes: parameters of the path and query, and the body, as one object. */
  input?: z.ZodType;
  /** What it answers; without, 204 and nothing. */
  answer?: z.ZodType;
  /** The type of an answer that is not JSON. */
  media?: string;
  /** The name under which the answer is wrapped, for lists. */
  wrap?: string;
  status?: 200 | 201 | 202;
  act: (platform: Platform, actor: Actor, input: unknown) => Promise<unknown>;
}
