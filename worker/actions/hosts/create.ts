import { HERE_NAME } from '#core/assign.ts';
import { inferTarget } from '#core/checks/index.ts';
import type { Place } from '#db/place.ts';
import { bumpConfig, fleetStatement, planStatements } from '#db/plan.ts';
import { answerQuietly } from '#worker/answers/look.ts';
import { roomWarnings } from '#worker/here/warnings.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import { auditRow } from '../auditRow.ts';
import { parseInput, refuseField } from '../parse.ts';
import { permit } from '../permit.ts';
import { type CheckDraft, draftOf } from './draft.ts';
import { readFleet } from './fleet.ts';
import { withHeartbeats } from './heartbeats.ts';
import { checkInput, hostInputFor, unreadable } from './input.ts';
import { refuseBadMembers } from './members.ts';
import type { HostAnswer } from './model.ts';
import { onlyFromHere, type Placing, placingOf } from './placing.ts';
import { readHosts } from './read.ts';
import { insertCheck } from './statements.ts';
import { writePlaced } from './writePlaced.ts';

interface NewHost {
  name: string;
  group: string;
  tags: string[];
  checks: Array<{ draft: CheckDraft; placing: Placing }>;
}

/** A new host from `{target}` alone, or from `{name, checks}`. */
export async function createHost(
  platform: Platform,
  actor: Actor,
  input: unknown,
): Promise<HostAnswer> {
  permit(actor, 'editor');
  const fresh = await understood(platform, input);
  const wanted = fresh.checks.map(({ draft }) => ({ id: null, draft }));
  await refuseBadMembers(platform, null, wanted);
  const id = await store(platform, actor, fresh);
  const [created] = await withHeartbeats(platform, await readHosts(platform, id));
  if (!created) throw new Problem('conflict', { detail: 'The host was removed at once.' });
  platform.defer(() => answerQuietly(platform));
  const placings = fresh.checks.map(({ placing }) => placing);
  const warnings = placings.flatMap((placing) => placing.warnings);
  return { host: created, warnings: [...warnings, ...(await roomWarnings(platform, placings))] };
}

async function understood(platform: Platform, input: unknown): Promise<NewHost> {
  const parsed = parseInput(hostInputFor(input), input);
  const fleet = await readFleet(platform);
  if ('checks' in parsed) {
    const checks = parsed.checks.map(draftOf).map((draft, index) => ({
      draft,
      placing: placingOf(draft, fleet, `checks[${index}]`),
    }));
    return { name: parsed.name, group: parsed.group, tags: parsed.tags, checks };
  }
  const inferred = inferTarget(parsed.target);
  if (!inferred) throw refuseField('target', unreadable(parsed.target));
  const meant = draftOf(parseInput(checkInput, inferred));
  const draft = onlyFromHere(meant, fleet) ? { ...meant, locations: [HERE_NAME] } : meant;
  const checks = [{ draft, placing: placingOf(draft, fleet) }];
  return { name: parsed.name ?? nameOf(draft), group: parsed.group, tags: parsed.tags, checks };
}

/** What people would call it: the machine's name, or what is probed. */
function nameOf({ kind, target }: CheckDraft): string {
  if (kind === 'http') return new URL(target).host;
  return target.startsWith(`${kind}:`) ? target.slice(kind.length + 1) : target;
}

async function store(platform: Platform, actor: Actor, fresh: NewHost): Promise<number> {
  const results = await writePlaced(platform, fresh.checks.length, (places) =>
    statements(platform, actor, fresh, places),
  );
  return Number(results.at(-1)?.rows[0]?.id);
}

function statements(platform: Platform, actor: Actor, fresh: NewHost, places: readonly Place[]) {
  const { name, group, tags, checks } = fresh;
  return [
    ...bumpConfig(),
    {
      sql: 'insert into host (name, group_name, tags, created_at) values (?, ?, ?, ?)',
      args: [name, group, JSON.stringify(tags), platform.now()],
    },
    ...checks.map(({ draft, placing }, index) =>
      insertCheck(platform, 'newest', draft, placing, places[index] as Place),
    ),
    auditRow(platform, actor, {
      action: 'host.create',
      subject: { newest: 'host', name },
      before: null,
      after: { name, group, tags, checks: checks.map(({ draft }) => draft.config) },
    }),
    ...[...new Set(places.map(({ shard }) => shard))].flatMap(planStatements),
    // Planned work may be for its group.
    ...(group === '' ? [] : [fleetStatement]),
    'select max(id) as id from host',
  ];
}
