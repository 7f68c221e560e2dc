import { dnsQuestion } from '#core/checks/dns.ts';
import type { Metric, Phases } from '#core/reading.ts';
import { Deadline } from '../deadline.ts';
import { agreementOn } from '../dns/agreement.ts';
import { faultOf } from '../dns/judge.ts';
import { makeQuery } from '../dns/message.ts';
import { askNamed, askOwn, type Told } from '../dns/servers.ts';
import { Failure } from '../failure.ts';
import type { Probe } from '../probe.ts';
import { answered, failed } from './answer.ts';

/** Of records, in the detail. */
const MOST_SHOWN = 20;

/** Asks one question and looks at the answer; with `sameSerial`, at all servers of the zone besides. */
export const dns: Probe<'dns'> = async (spec, context) => {
  const deadline = new Deadline(context.timeoutMs);
  const { name, type, resolver } = dnsQuestion(spec);
  const ask = (type: string): Promise<Told | Failure> => {
    const query = makeQuery({ name, type, recursive: true });
    return resolver ? askNamed(resolver, spec.family, query, deadline) : askOwn(query, deadline);
  };
  const told = await ask(type);
  if (told instanceof Failure) return failed(told);
  const { rttUs, dnsUs } = told;
  const phases: Phases = {
    ...(dnsUs !== undefined && { dnsUs }),
    totalUs: deadline.elapsedUs(),
  };
  const fault = faultOf(told.reply, { name, type }, spec);
  const agreement =
    fault || !spec.sameSerial
      ? null
      : await agreementOn(name, await ask('NS'), spec.family, deadline);
  if (agreement instanceof Failure) return failed(agreement, { rttUs, phases });

  const rest = {
    phases,
    ...metrics(told, agreement?.serial ?? null),
    detail: agreement ? `${detail(told)}\n${agreement.words}` : detail(told),
  };
  const wrong = fault ?? agreement?.fault;
  if (wrong) return failed(wrong.failure, { rttUs, level: wrong.level, ...rest });
  return answered(rttUs, spec, rest);
};

function metrics({ reply }: Told, agreed: number | null): { metrics?: Metric[] } {
  const { records } = reply;
  const found: Metric[] = [];
  const [first] = records;
  if (first) {
    found.push({ name: 'ttl', value: Math.min(...records.map(({ ttl }) => ttl)), unit: 's' });
  }
  const serial = agreed ?? (first?.type === 'SOA' ? Number(first.value.split(' ')[2]) : null);
  if (serial !== null && Number.isFinite(serial)) found.push({ name: 'serial', value: serial });
  return found.length > 0 ? { metrics: found } : {};
}

function detail({ reply, from }: Told): string {
  const { rcode, authoritative, validated, records, detours, bytes } = reply;
  const flags = [authoritative && 'authoritative', validated && 'validated by DNSSEC']
    .filter(Boolean)
    .map((flag) => `, ${flag}`);
  const lines = [...detours, ...records]
    .slice(0, MOST_SHOWN)
    .map(({ name, ttl, type, value }) => `${name} ${ttl} ${type} ${value}`.slice(0, 300));
  return [`${from}: ${rcode}${flags.join('')}, ${bytes} bytes`, ...lines].join('\n');
}
