// What runners call, under /api/v1/runner.
import { Hono } from 'hono';
import type { Env } from '#worker/platform.ts';

export const runner = new Hono<Env>();
