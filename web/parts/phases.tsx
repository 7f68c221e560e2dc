import { humanRtt } from '#core/duration.ts';
import type { Phases } from '#core/reading.ts';

interface PhasesProps {
  phases: { [Part in keyof Phases]?: number | undefined };
}

const PARTS = [
  ['dnsUs', 'DNS'],
  ['connectUs', 'Connect'],
  ['tlsUs', 'TLS'],
  ['firstByteUs', 'First byte'],
  ['totalUs', 'Total'],
] as const;

/** What the whole is made of, to scale; the numbers beneath say the same. */
function Bar({ phases }: PhasesProps) {
  const { totalUs = 0, ...parts } = phases;
  const shares = PARTS.flatMap(([part]) => (part === 'totalUs' ? [] : [parts[part] ?? 0]));
  const sum = shares.reduce((all, us) => all + us, 0);
  const whole = Math.max(totalUs, sum);
  if (shares.filter((us) => us > 0).length < 2) return null;
  let from = 0;
  return (
    <svg class="phase-bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">
      <rect class="rest" width="1000" height="10" />
      {shares.map((us, index) => {
        const [x, width] = [(from / whole) * 1000, (us / whole) * 1000];
        from += us;
        return us > 0 && <rect class={`part-${index}`} x={x} width={width} height="10" />;
      })}
    </svg>
  );
}

/** How long each part of a probe took; parts that did not happen are left out. */
export function PhaseList({ phases }: PhasesProps) {
  const known = PARTS.flatMap(([part, title]) => {
    const us = phases[part];
    return us === undefined ? [] : [{ title, us }];
  });
  if (known.length === 0) return null;
  return (
    <>
      <Bar phases={phases} />
      <dl class="phases">
        {known.map(({ title, us }) => (
          <div>
            <dt>{title}</dt>
            <dd class="rtt">{humanRtt(us)}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
