import type { CheckStatus, StatusModel } from '#worker/status/model.ts';
import type { ConfCheck } from '../evidence.ts';
import type { Law, Watch } from '../law.ts';
import { seenFrom } from './truth.ts';

/** Asked at the front door of every isolate at once, after minutes of calm. */
export function converge(): Law {
  return {
    promise: 'in the end all isolates tell the same, and of each location what is seen from there',
    async ends(watch) {
      const { world, evidence } = watch;
      const told: StatusModel[] = [];
      for (const isolate of world.isolates) {
        told.push(await world.ask<StatusModel>('/status', isolate));
      }
      const [first] = told;
      if (told.some((each) => words(each) !== words(first))) {
        return `isolates tell different things: ${told.map(words).join(' / ')}`;
      }
      for (const check of first?.hosts.flatMap(({ checks }) => checks) ?? []) {
        const conf = evidence.now.conf.checks.get(check.id);
        const wrong = conf && !conf.paused ? mistold(watch, conf, check) : null;
        if (wrong) return `check ${check.id}: ${wrong}`;
      }
      return null;
    },
  };
}

function mistold(watch: Watch, conf: ConfCheck, told: CheckStatus): string | null {
  const { evidence } = watch;
  const held = evidence.states.get(conf.id)?.status ?? 'unknown';
  if (told.status !== held) return `the page says ${told.status} and ${held} is held`;
  for (const { location, status, missing } of told.locations) {
    const place = evidence.now.conf.locations.find(({ name }) => name === location);
    const should = place ? seenFrom(watch, conf, place) : null;
    if (should === null || (should === status && missing === null)) continue;
    return `of ${location} it is told ${status}${missing ? ` (${missing})` : ''}; from there it is ${should}`;
  }
  return null;
}

function words(model: StatusModel | undefined): string {
  return JSON.stringify(model, (key, value) => (key === 'asOf' ? undefined : value));
}
