// Which kind of check to add: one list in groups, since there are too many for a row of buttons.
import { isWorkerKind, KINDS, type Kind } from '#core/checks/index.ts';

const GROUPS = ['Over the network', "On the runner's machine", 'Answered by Anyup'] as const;

export interface KindChoiceProps {
  /** The page of the form, asked for with `?kind=`. */
  action: string;
  kinds: ReadonlyArray<readonly [kind: Kind, title: string]>;
}

export function KindChoice({ action, kinds }: KindChoiceProps) {
  return (
    <form method="get" action={action} class="choice">
      <label for="kind">Add a check</label>
      <select id="kind" name="kind">
        {GROUPS.map((group) => (
          <optgroup label={group}>
            {kinds
              .filter(([kind]) => groupOf(kind) === group)
              .map(([kind, title]) => (
                <option value={kind}>{title}</option>
              ))}
          </optgroup>
        ))}
      </select>
      <button type="submit">Add</button>
    </form>
  );
}

function groupOf(kind: Kind): (typeof GROUPS)[number] {
  if (isWorkerKind(kind)) return 'Answered by Anyup';
  return KINDS[kind].subject === 'runner' ? "On the runner's machine" : 'Over the network';
}
