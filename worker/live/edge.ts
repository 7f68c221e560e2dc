// The live view at the edge, where wrangler.toml binds the object that holds the runners' lines: it holds those of pages too.
import type { ObjectStub } from '../bell/binding.ts';
import type { Live } from './live.ts';

/** Of the object; the worker asks it for a line, or has it say on all of them that something changed. */
const LINES = 'https://bell/live';

/** `later` keeps the run alive until it is said. The object ends each line after a while, so who may listen is asked anew. */
export function liveBy(bell: ObjectStub, later: (work: Promise<unknown>) => void): Live {
  return {
    changed: () => later(bell.fetch(new Request(LINES, { method: 'POST' }))),
    open: async () => {
      const { ok, status, headers, body } = await bell.fetch(new Request(LINES));
      // Made anew: headers of what was fetched cannot be added to.
      return ok && status === 200 ? new Response(body, { headers }) : null;
    },
  };
}
