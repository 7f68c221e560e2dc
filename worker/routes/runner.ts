// What runners call, under /api/v1/runner (docs/protocol.md).
import { Hono } from 'hono';
import { limitAttempts } from '#worker/auth/attempts.ts';
import { answerAsk } from '#worker/ingest/answerAsk.ts';
import { assignments } from '#worker/ingest/assignments.ts';
import { readBytes } from '#worker/ingest/body.ts';
import { enroll } from '#worker/ingest/enroll.ts';
import { ingest } from '#worker/ingest/ingest.ts';
import { rotate } from '#worker/ingest/rotate.ts';
import type { AppContext, Env } from '#worker/platform.ts';

export const runner = new Hono<Env>();

/** The call as signed: the bytes as sent, the path as asked. */
async function signedCall(c: AppContext) {
  return {
    authorization: c.req.header('authorization'),
    encoding: c.req.header('content-encoding'),
    method: c.req.method,
    path: c.req.path,
    body: await readBytes(c.req.raw),
    now: c.env.now(),
  };
}

runner.post('/enroll', (c) =>
  limitAttempts(c, 'join', 'bad_code', async () =>
    c.json(await enroll(c.env, await signedCall(c)), 201),
  ),
);

runner.post('/rotate', async (c) => c.json(await rotate(c.env, await signedCall(c))));

runner.get('/assignments', async (c) =>
  c.json(await assignments(c.env, await signedCall(c), c.req.query())),
);

runner.post('/results', async (c) => c.json(await ingest(c.env, await signedCall(c))));

runner.post('/host', async (c) => {
  // It makes checks as the back office does, and comes as seldom.
  const { announce } = await import('#worker/ingest/host.ts');
  const reply = await announce(c.env, await signedCall(c));
  if (reply.made + reply.changed + reply.removed > 0) c.env.ring?.('all');
  return c.json(reply);
});

runner.post('/evidence', async (c) => {
  // A pack comes when something turned, and results never wait for it.
  const { takeEvidence } = await import('#worker/ingest/evidence.ts');
  return c.json(await takeEvidence(c.env, await signedCall(c)));
});

runner.post('/asks/:id', async (c) => {
  await answerAsk(c.env, await signedCall(c), c.req.param('id'));
  return c.body(null, 204);
});
