import type { ScriptSpec } from '#core/checks/script.ts';
import { ERROR } from '#core/level.ts';
import type { Measurement } from '#core/reading.ts';
import { Deadline } from '../deadline.ts';
import { Failure } from '../failure.ts';
import type { Probe, Probed } from '../probe.ts';
import { scriptEnvironment } from '../script/environment.ts';
import { orderOf } from '../script/order.ts';
import { PROTOCOLS, proposeProtocol } from '../script/protocol.ts';
import { type Ended, runScript } from '../script/run.ts';
import { detailOf } from '../script/text.ts';
import { Turns } from '../script/turns.ts';
import { failed, slowed } from './answer.ts';

const AT_ONCE = 2;
/** A script that waited longer than this for its turn is not blamed for running out of time. */
const FAIR_WAIT_MS = 100;
/** Wigo's exit codes for "leave me alone until you start again", the second one forgetting the result too. */
const PAUSES = new Set([12, 13]);

/** How programs say that they were given no more. */
const OUT_OF_MEMORY = /out of memory|cannot allocate|memoryerror|bad_alloc|memory exhausted/i;

const turns = new Turns(AT_ONCE);
/** Scripts, with their arguments, that asked to be left alone, and what they exited with. */
const paused = new Map<string, number>();

/** Runs an executable of the runner's own folder. RTT is how long it ran. */
export const script: Probe<'script'> = async (spec, context) => {
  const deadline = new Deadline(context.timeoutMs);
  const name = spec.target.replace(/^script:/, '');
  const order = await orderOf(spec, context);
  if (order instanceof Failure) return failed(order);
  const { path, folder, as } = order;
  const identity = JSON.stringify([path, spec.args]);
  const pausedBy = paused.get(identity);
  if (pausedBy !== undefined) return leftAlone(name, pausedBy);

  const patienceMs = deadline.leftMs();
  if (!(await turns.take(patienceMs))) return tooBusy(name, deadline);
  const timeoutMs = deadline.leftMs();
  const call = {
    path,
    args: spec.args,
    folder,
    environment: scriptEnvironment({
      name,
      timeoutMs,
      allowed: order.allowed,
      given: order.variables,
    }),
    timeoutMs,
    limits: {
      memoryBytes: spec.memoryMb * 2 ** 20,
      cpuS: Math.max(1, Math.ceil(timeoutMs / 1000)),
      processes: spec.processes,
    },
    ...(as && { as }),
  };
  const ended = await runScript(call, () => turns.done());
  if (ended instanceof Failure) return failed(ended);
  if (ended.how.type === 'timeout' && patienceMs - timeoutMs > FAIR_WAIT_MS) {
    return tooBusy(name, deadline);
  }
  const pauses =
    spec.protocol === 'wigo' && ended.how.type === 'exit' && PAUSES.has(ended.how.code);
  if (!pauses || ended.how.type !== 'exit') return judge(ended, spec);
  paused.set(identity, ended.how.code);
  return leftAlone(name, ended.how.code);
};

function judge(ended: Ended, spec: ScriptSpec): Probed {
  const { how, stdout, stderr, tookUs } = ended;
  const detail = detailOf([stdout, stderr]);
  if (how.type === 'timeout') {
    const text = `killed after ${Math.round(tookUs / 1000)} ms`;
    return failed(new Failure('script.timeout', text), { rttUs: tookUs, ...detail });
  }
  if (how.type === 'limit') {
    const text = `stopped: it ${how.words}`;
    return failed(new Failure('script.limit', text), { rttUs: tookUs, level: ERROR, ...detail });
  }
  if (how.type === 'signal' && how.signal === 'SIGXCPU') {
    const text = 'stopped: it used more processor time than it has time to run';
    return failed(new Failure('script.limit', text), { rttUs: tookUs, level: ERROR, ...detail });
  }
  if (!isFine(how) && OUT_OF_MEMORY.test(stderr)) {
    const text = `ran out of memory; its processes may have ${spec.memoryMb} MiB each`;
    return failed(new Failure('script.limit', text), { rttUs: tookUs, level: ERROR, ...detail });
  }
  if (how.type === 'signal') {
    const text = `killed by ${how.signal}`;
    return failed(new Failure('script.killed', text), { rttUs: tookUs, level: ERROR, ...detail });
  }
  const protocol = proposeProtocol(spec.protocol, how.code, stdout);
  return {
    ...slowed(PROTOCOLS[spec.protocol]({ ...ended, exitCode: how.code }), spec),
    ...(protocol !== spec.protocol && { proposes: { protocol } }),
  };
}

function isFine(how: Ended['how']): boolean {
  return how.type === 'exit' && how.code === 0;
}

function leftAlone(name: string, exitCode: number): Measurement {
  const forgets = exitCode === 13 ? ' and its result to be forgotten' : '';
  const text = `"${name}" exited ${exitCode}: it asked to be left alone until the runner restarts${forgets}`;
  return failed(new Failure('unable.paused', text));
}

function tooBusy(name: string, deadline: Deadline): Measurement {
  const text = `"${name}" got no turn, or too late, within ${deadline.timeoutMs} ms: ${AT_ONCE} scripts run at once`;
  return failed(new Failure('unable.resources', text));
}
