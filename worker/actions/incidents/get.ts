import type { Row } from '@libsql/client';
import { EVIDENCE_SLACK_MS, PACKS_PER_RUNNER, runnerOfEvidenceKey } from '#db/evidence.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import { byId } from '../fields.ts';
import { parseInput } from '../parse.ts';
import { permit } from '../permit.ts';
import type { EvidenceModel, IncidentWithEvidence } from './model.ts';
import { INCIDENTS, incidentOf } from './row.ts';

/** One incident with what its runners saw, oldest first. */
export async function getIncident(
  platform: Platform,
  actor: Actor,
  input: unknown,
): Promise<IncidentWithEvidence> {
  permit(actor, 'viewer');
  const { id } = parseInput(byId, input);
  const { $client } = platform.db;
  const { rows } = await $client.execute({ sql: `${INCIDENTS} where i.id = ?`, args: [id] });
  const [row] = rows;
  if (!row) throw new Problem('not_found', { detail: 'There is no such incident.' });
  const incident = incidentOf(row);
  const packs = await $client.execute({
    sql: EVIDENCE,
    args: [
      incident.checkId,
      incident.openedAt,
      incident.closedAt ?? platform.now(),
      EVIDENCE_SLACK_MS,
    ],
  });
  return { ...incident, evidence: packs.rows.map(evidenceOf) };
}

/**
 * First failures from a while before it, as the incident begins once one is confirmed, recoveries to a while after it;
 * neither those of the incident before nor those of the next.
 */
const EVIDENCE = `
  select e.*, l.name as location,
    (select name from runner r where r.id = e.k / ${PACKS_PER_RUNNER}) as runner
  from evidence e left join location l on l.id = e.location_id
  where e.check_id = ?1 and e.at between ?2 - ?4 and ?3 + ?4
    and (e.at >= ?2 or (e.turn = 'failure' and e.at > coalesce(
      (select max(closed_at) from incident where check_id = ?1 and opened_at < ?2), 0)))
    and (e.at <= ?3 or (e.turn = 'recovery' and e.at < coalesce(
      (select min(opened_at) from incident where check_id = ?1 and opened_at > ?2), e.at + 1)))
  order by e.at, e.k`;

function evidenceOf(row: Row): EvidenceModel {
  return {
    ...JSON.parse(String(row.body)),
    turn: row.turn,
    at: Number(row.at),
    location: row.location === null ? null : String(row.location),
    runnerId: runnerOfEvidenceKey(Number(row.k)),
    runner: row.runner === null ? null : String(row.runner),
  };
}
