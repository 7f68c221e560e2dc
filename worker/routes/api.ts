// The admin API under /api/v1.
import { Hono } from 'hono';
import type { Env } from '#worker/platform.ts';

export const api = new Hono<Env>();
