import { humanRtt } from '#core/duration.ts';
import type { Phases } from '#core/reading.ts';

const PARTS = [
  ['dnsUs', 'DNS'],
  ['connectUs', 'Connect'],
  ['tlsUs', 'TLS'],
  ['firstByteUs', 'First byte'],
  ['totalUs', 'Total'],
] as const;

/** How long each part of a probe took; parts that did not happen are left out. */
export function PhaseList({ phases }: { phases: { [Part in keyof Phases]?: number | undefined } }) {
  const known = PARTS.flatMap(([part, title]) => {
    const us = phases[part];
    return us === undefined ? [] : [{ title, us }];
  });
  if (known.length === 0) return null;
  return (
    <dl class="phases">
      {known.map(({ title, us }) => (
        <div>
          <dt>{title}</dt>
          <dd class="rtt">{humanRtt(us)}</dd>
        </div>
      ))}
    </dl>
  );
}
