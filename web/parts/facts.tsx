// A list of names with what is so beside each.
import type { Child } from 'hono/jsx';

export type Fact = readonly [name: string, value: Child];

/** Facts whose value is null are left out. */
export function Facts({ facts }: { facts: ReadonlyArray<readonly [string, Child | null]> }) {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => {
        if (value === null) return null;
        return (
          <div>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        );
      })}
    </dl>
  );
}
