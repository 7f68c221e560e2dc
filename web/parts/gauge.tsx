// How full something is: told in words, with a bar that repeats them.
import { percent } from '../amounts.ts';

export interface GaugeProps {
  title: string;
  /** What was counted, in words. */
  words: string;
  /** Parts of the limit, 0 … 1 and beyond; null = no limit, no bar. */
  used: number | null;
  /** What it comes to at this pace. */
  expected?: number | null;
}

const WIDTH = 400;

export function Gauge({ title, words, used, expected = null }: GaugeProps) {
  const most = Math.max(used ?? 0, expected ?? 0);
  return (
    <div class={`gauge ${most > 1 ? 'down' : most > 0.5 ? 'degraded' : 'up'}`}>
      <dt>{title}</dt>
      {used !== null && (
        <dd>
          <strong>
            {percent(most)}
            {most > 1 && ', too much'}
          </strong>
        </dd>
      )}
      <dd class="words">
        {words}
        {used !== null && (
          <svg viewBox={`0 0 ${WIDTH} 8`} preserveAspectRatio="none" aria-hidden="true">
            <rect class="whole" width={WIDTH} height="8" />
            <rect class="expected" width={wide(most)} height="8" />
            <rect class="used" width={wide(used)} height="8" />
          </svg>
        )}
      </dd>
    </div>
  );
}

function wide(share: number): number {
  return Math.round(Math.min(1, share) * WIDTH * 10) / 10;
}
