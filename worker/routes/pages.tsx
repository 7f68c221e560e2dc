// The pages: what anyone sees, and everything under /admin.
import { Hono } from 'hono';
import type { Env } from '#worker/platform.ts';

export const pages = new Hono<Env>();
