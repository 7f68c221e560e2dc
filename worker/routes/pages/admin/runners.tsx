// Runners, the codes they join by, and the locations they stand in.
import { Hono } from 'hono';
import { ownerIn } from '#core/assign.ts';
import { parseFleet, parsePlan } from '#db/plan.ts';
import { PULSE_SQL, pulseRecord } from '#db/pulse.ts';
import { readTags } from '#web/form/check.ts';
import { NOTHING_TYPED, type Typed } from '#web/form/errors.ts';
import { ArrivalPage, type ArrivalState, JoinPage } from '#web/pages/admin/join.tsx';
import { RunnerPage } from '#web/pages/admin/runner.tsx';
import { RunnersPage } from '#web/pages/admin/runners.tsx';
import { createJoinCode } from '#worker/actions/joinCodes/create.ts';
import { listJoinCodes } from '#worker/actions/joinCodes/list.ts';
import { revokeJoinCode } from '#worker/actions/joinCodes/revoke.ts';
import { listLocations } from '#worker/actions/locations/list.ts';
import { removeLocation } from '#worker/actions/locations/remove.ts';
import { updateLocation } from '#worker/actions/locations/update.ts';
import { getRunner } from '#worker/actions/runners/get.ts';
import { listRunners } from '#worker/actions/runners/list.ts';
import { revokeRunner } from '#worker/actions/runners/revoke.ts';
import { listUnable } from '#worker/actions/runners/unable.ts';
import { updateRunner } from '#worker/actions/runners/update.ts';
import { getSettings } from '#worker/actions/settings/get.ts';
import { updateSettings } from '#worker/actions/settings/update.ts';
import type { AppContext, Env } from '#worker/platform.ts';
import { actorOf, done, placeOf, saidIn } from '../context.ts';
import { orAgain, readForm } from '../form.ts';

export const runnerPages = new Hono<Env>();

const HERE = '/admin/runners';

runnerPages.get('/runners', (c) => listPage(c));

runnerPages.post('/runners/join', async (c) => {
  const form = await readForm(c);
  const name = form.text('name');
  const location = form.text('location');
  return orAgain(
    form,
    async () => {
      const after = await newestRunner(c);
      const code = await createJoinCode(c.env, actorOf(c), {
        ...(name !== undefined && { name }),
        location: location ?? '',
      });
      const { site } = await placeOf(c);
      return c.html(<JoinPage site={site} code={code} after={after} />);
    },
    (typed) => listPage(c, typed),
  );
});

runnerPages.get('/runners/join', (c) => c.redirect(HERE, 303));

runnerPages.post('/runners/join/revoke', async (c) => {
  const { values } = await readForm(c);
  await revokeJoinCode(c.env, actorOf(c), { id: values.id ?? '' });
  return done(c, HERE, 'code.revoked');
});

runnerPages.get('/runners/arrival', async (c) => {
  const after = Number(c.req.query('after') ?? 0) || 0;
  const expiresAt = Number(c.req.query('until') ?? 0) || 0;
  const runners = await listRunners(c.env, actorOf(c), {});
  const runner = runners.find(({ id, status }) => id > after && status !== 'revoked');
  const state: ArrivalState = runner
    ? { state: 'arrived', runner }
    : { state: c.env.now() > expiresAt ? 'expired' : 'waiting' };
  const { site } = await placeOf(c);
  return c.html(<ArrivalPage site={site} after={after} expiresAt={expiresAt} state={state} />);
});

runnerPages.post('/runners/policy', async (c) => {
  const { values } = await readForm(c);
  await updateSettings(c.env, actorOf(c), { joinPolicy: values.joinPolicy });
  return done(c, HERE, 'join_policy.updated');
});

runnerPages.get('/runners/:id{[0-9]+}', (c) => runnerPage(c, c.req.param('id')));

runnerPages.post('/runners/:id{[0-9]+}', async (c) => {
  const form = await readForm(c);
  const id = c.req.param('id');
  const location = form.text('location');
  return orAgain(
    form,
    async () => {
      await updateRunner(c.env, actorOf(c), {
        id,
        name: form.values.name ?? '',
        ...(location !== undefined && { location }),
      });
      return done(c, `${HERE}/${id}`, 'runner.updated');
    },
    (typed) => runnerPage(c, id, typed),
  );
});

for (const [verb, status, said] of [
  ['approve', 'active', 'runner.approved'],
  ['enable', 'active', 'runner.enabled'],
  ['disable', 'disabled', 'runner.disabled'],
] as const) {
  runnerPages.post(`/runners/:id{[0-9]+}/${verb}`, async (c) => {
    const form = await readForm(c);
    const id = c.req.param('id');
    return orAgain(
      form,
      async () => {
        const [name, location] = [form.text('name'), form.text('location')];
        const place =
          verb !== 'approve' ? {} : { ...(name && { name }), ...(location && { location }) };
        await updateRunner(c.env, actorOf(c), { id, status, ...place });
        return done(c, `${HERE}/${id}`, said);
      },
      (typed) => runnerPage(c, id, typed),
    );
  });
}

runnerPages.post('/runners/:id{[0-9]+}/revoke', async (c) => {
  await revokeRunner(c.env, actorOf(c), { id: c.req.param('id') });
  return done(c, HERE, 'runner.revoked');
});

runnerPages.post('/locations/:id{[0-9]+}', async (c) => {
  const enabled = (await readForm(c)).text('enabled') !== undefined;
  await updateLocation(c.env, actorOf(c), { id: c.req.param('id'), enabled });
  return done(c, HERE, 'location.updated');
});

runnerPages.post('/locations/:id{[0-9]+}/tags', async (c) => {
  const tags = readTags((await readForm(c)).values.tags);
  await updateLocation(c.env, actorOf(c), { id: c.req.param('id'), tags });
  return done(c, HERE, 'location.updated');
});

runnerPages.post('/locations/:id{[0-9]+}/delete', async (c) => {
  await removeLocation(c.env, actorOf(c), { id: c.req.param('id') });
  return done(c, HERE, 'location.removed');
});

async function newestRunner(c: AppContext): Promise<number> {
  const runners = await listRunners(c.env, actorOf(c), {});
  return Math.max(0, ...runners.map(({ id }) => id));
}

async function runnerPage(c: AppContext, id: string, typed?: Typed): Promise<Response> {
  const actor = actorOf(c);
  const { site } = await placeOf(c);
  const [runner, locations, checks, unable] = await Promise.all([
    getRunner(c.env, actor, { id }),
    listLocations(c.env, actor, {}),
    checksByRunner(c),
    listUnable(c.env, actor, { id }),
  ]);
  const page = (
    <RunnerPage
      site={site}
      runner={runner}
      checks={checks.get(runner.id) ?? 0}
      unable={unable}
      locations={locations.map(({ name }) => name)}
      said={saidIn(c)}
      typed={typed ?? NOTHING_TYPED}
    />
  );
  return c.html(page, typed ? 400 : 200);
}

/** Since when the worker was not there, while that still matters. */
async function deafness(c: AppContext): Promise<{ sinceAt: number; untilAt: number } | null> {
  const { rows } = await c.env.db.$client.execute(PULSE_SQL);
  const { pulse } = pulseRecord(rows[0]);
  return c.env.now() < pulse.graceUntilAt
    ? { sinceAt: pulse.frozenAt, untilAt: pulse.graceUntilAt }
    : null;
}

async function listPage(c: AppContext, typed?: Typed): Promise<Response> {
  const actor = actorOf(c);
  const { site } = await placeOf(c);
  const [runners, locations, codes, checks, { joinPolicy, fromWorker }, deaf] = await Promise.all([
    listRunners(c.env, actor, {}),
    listLocations(c.env, actor, {}),
    listJoinCodes(c.env, actor, {}),
    checksByRunner(c),
    getSettings(c.env, actor, {}),
    deafness(c),
  ]);
  const page = (
    <RunnersPage
      site={site}
      runners={runners.map((runner) => ({ ...runner, checks: checks.get(runner.id) ?? 0 }))}
      locations={locations}
      codes={codes}
      said={saidIn(c)}
      joinPolicy={joinPolicy}
      fromWorker={fromWorker}
      deaf={deaf}
      typed={typed ?? NOTHING_TYPED}
    />
  );
  return c.html(page, typed ? 400 : 200);
}

/** How many checks each runner owns, by the same rule that hands them out. */
async function checksByRunner(c: AppContext): Promise<Map<number, number>> {
  const [plans, fleetRow] = await c.env.db.$client.batch(
    ['select plan from shard', `select value from setting where key = 'fleet'`],
    'read',
  );
  const fleet = parseFleet(fleetRow?.rows[0]?.value as string | undefined);
  const counts = new Map<number, number>();
  for (const row of plans?.rows ?? []) {
    for (const check of parsePlan(String(row.plan)).byId.values()) {
      if (check.paused) continue;
      for (const { id, enabled } of fleet.locations) {
        const owner = enabled ? ownerIn(check, id, fleet.runners) : null;
        if (owner !== null) counts.set(owner, (counts.get(owner) ?? 0) + 1);
      }
    }
  }
  return counts;
}
