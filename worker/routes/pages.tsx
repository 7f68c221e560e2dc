// The pages that anyone may see.
import { Hono } from 'hono';
import { identify } from '#worker/auth/middleware.ts';
import type { Env } from '#worker/platform.ts';
import { front } from './pages/front.tsx';
import { publicPages } from './pages/public.tsx';

export const pages = new Hono<Env>();

pages.route('/', front);
pages.use('/hosts/*', identify);
pages.use('/history', identify);
pages.route('/', publicPages);
