// Which plans people run on: what they say in the settings, or what the platform suggests.
import {
  DATABASE_PLANS,
  type DatabasePlanName,
  WORKER_PLANS,
  type WorkerPlanName,
} from '#core/meter/plans.ts';
import type { Platform } from '#worker/platform.ts';
import { counterOf } from './counter.ts';

export interface PlanNames {
  database: DatabasePlanName;
  worker: WorkerPlanName;
}

/** What holds where nothing was set: the free plans at the edge and on Turso, else no limits. */
export function usualPlans({ db, config }: Platform): PlanNames {
  const edge = config.runtime === 'edge';
  return {
    database: edge || counterOf(db).source === 'turso' ? 'turso_free' : 'own',
    worker: edge ? 'workers_free' : 'own',
  };
}

/** What was set; null = nothing. */
export interface ChosenPlans {
  database: DatabasePlanName | null;
  worker: WorkerPlanName | null;
}

export async function readChosenPlans({ db }: Pick<Platform, 'db'>): Promise<ChosenPlans> {
  const { rows } = await db.$client.execute(
    `select key, value from setting where key in ('plan_database', 'plan_worker')`,
  );
  const values = new Map(rows.map((row) => [String(row.key), JSON.parse(String(row.value))]));
  const [database, worker] = [values.get('plan_database'), values.get('plan_worker')];
  return {
    database: Object.hasOwn(DATABASE_PLANS, database) ? database : null,
    worker: Object.hasOwn(WORKER_PLANS, worker) ? worker : null,
  };
}

export async function readPlans(platform: Platform): Promise<PlanNames> {
  const chosen = await readChosenPlans(platform);
  const usual = usualPlans(platform);
  return {
    database: chosen.database ?? usual.database,
    worker: chosen.worker ?? usual.worker,
  };
}
