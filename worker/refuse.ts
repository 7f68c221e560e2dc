// What a request gets that cannot be answered as it wished, whichever part of the app it was in.
import { BusyError } from '#db/write.ts';
import type { AppContext } from './platform.ts';
import { Problem } from './problem.ts';
import { problemPage, wantsPage } from './routes/pages/problem.tsx';

/** A page to those who read pages, problem details to everybody else. */
export function refuse(c: AppContext, problem: Problem): Response | Promise<Response> {
  return wantsPage(c) ? problemPage(c, problem) : problem.getResponse();
}

export function refuseUnknown(c: AppContext): Response | Promise<Response> {
  return refuse(c, new Problem('not_found'));
}

/** Refusals are answered; what is none is a bug, and is logged once. */
export function refuseError(error: Error, c: AppContext): Response | Promise<Response> {
  if (error instanceof Problem) return refuse(c, error);
  if (error instanceof BusyError) {
    return refuse(c, new Problem('busy', { headers: { 'retry-after': '2' } }));
  }
  const { requestId } = c.var;
  c.env.log('error', error.message, { requestId, path: c.req.path, stack: error.stack });
  return refuse(c, new Problem('internal', { extra: { requestId } }));
}
