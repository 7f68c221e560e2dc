// The part of a check's form that tries it before it is saved; the outcome appears beneath.
import { HERE_NAME } from '#core/assign.ts';
import { canLookFromWorker } from '#core/checks/fromWorker.ts';
import type { Typed } from '../form/errors.ts';
import type { Places } from './checkFields.tsx';
import { ChoiceField } from './field.tsx';

/** From where: the worker itself, not a runner. */
export const TRY_HERE = 'here';

export interface TryOutProps {
  kind: string;
  typed: Typed;
  places: Places;
}

export function TryOut({ kind, typed, places: { locations, runners } }: TryOutProps) {
  const here = locations.includes(HERE_NAME) && canLookFromWorker(kind);
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset's line would run through its legend */}
      <div class="trying" role="group" aria-label="Try it before saving">
        <ChoiceField
          name="tryFrom"
          title="Try it before saving, from"
          typed={typed}
          value=""
          choices={[
            ['', here && runners.length === 0 ? HERE_NAME : 'a runner of the check'],
            ...runners.map(({ id, name, location }): readonly [string, string] => [
              String(id),
              location === null ? name : `${name} (${location})`,
            ]),
            ...(here && runners.length > 0 ? [[TRY_HERE, HERE_NAME] as const] : []),
          ]}
        />
        <button type="submit" formaction="/admin/tries/check" formtarget="try" data-try>
          Try it
        </button>
      </div>
      <div data-try-here />
    </>
  );
}
