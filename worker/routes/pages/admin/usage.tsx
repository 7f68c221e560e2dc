// What is used of the plans.
import { Hono } from 'hono';
import { UsagePage } from '#web/pages/admin/usage.tsx';
import { getUsage } from '#worker/actions/usage/get.ts';
import type { Env } from '#worker/platform.ts';
import { actorOf, placeOf } from '../context.ts';

export const usagePages = new Hono<Env>();

usagePages.get('/usage', async (c) => {
  const { site } = await placeOf(c);
  const usage = await getUsage(c.env, actorOf(c), {});
  return c.html(<UsagePage site={site} usage={usage} />);
});
