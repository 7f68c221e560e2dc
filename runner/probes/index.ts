// The registry of probes. A new kind is its file and one line here (and one in core/checks/index.ts).
import { checkSpecSchema, type ProbeSpec, type RunnerKind } from '#core/checks/index.ts';
import { exhausted, Failure, isExhausted, messageOf } from '../failure.ts';
import type { Probe, ProbeContext, Probed } from '../probe.ts';
import { failed, inverted } from './answer.ts';
import { dns } from './dns.ts';
import { file } from './file.ts';
import { http } from './http.ts';
import { icmp } from './icmp.ts';
import { log } from './log.ts';
import { machine } from './machine.ts';
import { processes } from './processes.ts';
import { report } from './report.ts';
import { script } from './script.ts';
import { service } from './service.ts';
import { tcp } from './tcp.ts';
import { tls } from './tls.ts';

export const PROBES = {
  http,
  tcp,
  icmp,
  dns,
  tls,
  script,
  machine,
  process: processes,
  service,
  file,
  log,
  report,
} satisfies { [K in RunnerKind]: Probe<K> };

/** Configs as they came, so that a check measured again and again is read once. Whoever changes one makes a new object. */
const read = new WeakMap<object, ProbeSpec>();

/** Measures what a check, assigned or only tried, describes. Never rejects: what cannot be measured says so. */
export function runProbe(config: unknown, context: ProbeContext): Promise<Probed> {
  const spec = specOf(config);
  if (spec instanceof Failure) return Promise.resolve(failed(spec));
  const probe = PROBES[spec.kind] as Probe;
  try {
    const probing = probe(spec as never, context);
    return (spec.invert ? probing.then(inverted) : probing).catch(broken);
  } catch (error) {
    return Promise.resolve(broken(error));
  }
}

function broken(error: unknown): Probed {
  if (isExhausted(error)) return failed(exhausted(error));
  const detail = error instanceof Error ? (error.stack ?? '') : '';
  return failed(new Failure('unable.internal', messageOf(error)), { detail });
}

function specOf(config: unknown): ProbeSpec | Failure {
  const known = typeof config === 'object' && config !== null ? read.get(config) : undefined;
  if (known) return known;
  const parsed = checkSpecSchema.safeParse(config);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue?.path.join('.') || 'check';
    return new Failure('unable.kind', `${where}: ${issue?.message ?? 'cannot be read'}`);
  }
  read.set(config as object, parsed.data);
  return parsed.data;
}
