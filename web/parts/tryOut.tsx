// The part of a check's form that tries it before it is saved; the outcome appears beneath.
import type { Typed } from '../form/errors.ts';
import type { Places } from './checkFields.tsx';
import { ChoiceField } from './field.tsx';

export interface TryOutProps {
  typed: Typed;
  runners: Places['runners'];
}

export function TryOut({ typed, runners }: TryOutProps) {
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
            ['', 'a runner of the check'],
            ...runners.map(({ id, name, location }): readonly [string, string] => [
              String(id),
              location === null ? name : `${name} (${location})`,
            ]),
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
