// The fields of one check.
import { isWorkerKind } from '#core/checks/index.ts';
import type { CheckForm } from '../adminModels.ts';
import { checkValues, kindFields, policyType } from '../form/check.ts';
import { errorsAt, type Typed } from '../form/errors.ts';
import { ChoiceField, errorOf, SpecField, TextField, Tick } from './field.tsx';

export interface Places {
  locations: readonly string[];
  runners: ReadonlyArray<{ id: number; name: string; location: string | null }>;
}

export interface CheckFieldsProps {
  kind: string;
  /** What is stored; absent for a new check. */
  check?: CheckForm | undefined;
  typed: Typed;
  places: Places;
}

export function CheckFields({ kind, check, typed, places }: CheckFieldsProps) {
  const fields = kindFields(kind);
  if (!fields) return null;
  const values = check ? checkValues(check) : {};
  const wrong = (names: readonly string[]) =>
    names.some((name) => errorsAt(typed.errors, name).length > 0);
  const value = (name: string) => (check ? { value: values[name] ?? '' } : {});
  return (
    <>
      <SpecField spec={fields.target} typed={typed} {...value(fields.target.name)} />
      <fieldset>
        <legend>What is expected</legend>
        <div class="columns">
          {fields.rest.map((spec) => (
            <SpecField
              spec={spec}
              typed={typed}
              {...(values[spec.name] !== undefined && { value: values[spec.name] as string })}
            />
          ))}
        </div>
      </fieldset>
      {isWorkerKind(kind) ? (
        <CheckName typed={typed} values={values} />
      ) : (
        <>
          <details
            class="fieldset"
            open={wrong(['interval', 'timeout', 'retryAfter', 'failures', 'successes', 'name'])}
          >
            <summary>How often, and how sure</summary>
            <Timing typed={typed} values={values} />
          </details>
          <details
            class="fieldset"
            open={
              wrong(['policy', 'locations', 'runner']) ||
              (check !== undefined && (check.locations !== 'all' || check.policy !== 'any'))
            }
          >
            <summary>From where, and who decides</summary>
            <Where typed={typed} check={check} places={places} />
          </details>
        </>
      )}
    </>
  );
}

function CheckName({ typed, values }: { typed: Typed; values: Record<string, string> }) {
  return (
    <TextField
      name="name"
      title="Name of this check"
      typed={typed}
      value={values.name ?? ''}
      hint="when the host has several"
    />
  );
}

function Timing({ typed, values }: { typed: Typed; values: Record<string, string> }) {
  return (
    <div class="columns">
      <TextField
        name="interval"
        title="Every"
        typed={typed}
        value={values.interval ?? '60s'}
        hint='like "30s" or "5m"'
      />
      <TextField
        name="timeout"
        title="Timeout"
        typed={typed}
        value={values.timeout ?? ''}
        placeholder="10s"
        hint="no answer within it is down"
      />
      <TextField
        name="retryAfter"
        title="First retry after"
        typed={typed}
        value={values.retryAfter ?? '2s'}
      />
      <TextField
        name="failures"
        title="Down after"
        typed={typed}
        value={values.failures ?? '2'}
        type="number"
        hint="failures in a row"
      />
      <TextField
        name="successes"
        title="Up after"
        typed={typed}
        value={values.successes ?? '1'}
        type="number"
        hint="successes in a row"
      />
      <CheckName typed={typed} values={values} />
    </div>
  );
}

const POLICIES = [
  ['any', 'up if any location is up'],
  ['majority', 'as most locations see it'],
  ['all', 'up only if all locations are up'],
  ['atLeast', 'up if at least so many are up'],
  ['required', 'up only if the required ones are up'],
] as const;

interface WhereProps {
  typed: Typed;
  check: CheckForm | undefined;
  places: Places;
}

function Where({ typed, check, places }: WhereProps) {
  const where = typed.values.where ?? whereOf(check);
  const policy = check?.policy ?? 'any';
  const chosen = Array.isArray(check?.locations) ? check.locations : [];
  const required = typeof policy === 'object' && policy.type === 'required' ? policy.locations : [];
  const atLeast = typeof policy === 'object' && policy.type === 'atLeast' ? String(policy.n) : '2';
  const policyError = errorOf(typed, 'policy', 'The number or the locations');
  const placeError = errorOf(typed, 'locations', 'Locations');
  return (
    <>
      <fieldset class="choices">
        <legend>Looked at from</legend>
        <Radio value="all" chosen={where} title="every location" />
        <Radio value="some" chosen={where} title="these locations" />
        <Ticks name="locations" names={places.locations} typed={typed} chosen={chosen} />
        <Radio value="tags" chosen={where} title="the locations with a tag" />
        <div class="only-tags">
          <TextField
            name="tags"
            title="Tags of locations"
            typed={typed}
            value={tagsOf(check).join(', ')}
            placeholder="eu, office"
            hint="one of them is enough; locations get theirs on the page of runners"
          />
        </div>
        <Radio value="runner" chosen={where} title="one runner" />
        <div class="only-runner">
          <ChoiceField
            name="runner"
            title="Runner"
            typed={typed}
            value={check?.runner == null ? '' : String(check.runner)}
            choices={[['', 'choose one'], ...runnerChoices(places, check)]}
          />
        </div>
        {placeError && <p class="error">{placeError}</p>}
      </fieldset>
      <fieldset class="choices">
        <legend>Decided by</legend>
        <ChoiceField
          name="policy"
          title="The check is"
          typed={typed}
          value={policyType(policy)}
          choices={POLICIES}
        />
        <div class="only-at-least">
          <TextField
            name="atLeast"
            title="How many locations"
            typed={typed}
            value={atLeast}
            type="number"
          />
        </div>
        <div class="only-required">
          <p class="hint">The required ones:</p>
          <Ticks name="required" names={places.locations} typed={typed} chosen={required} />
        </div>
        {policyError && <p class="error">{policyError}</p>}
      </fieldset>
    </>
  );
}

function whereOf(check: CheckForm | undefined): string {
  if (check?.runner != null) return 'runner';
  if (check === undefined || check.locations === 'all') return 'all';
  return Array.isArray(check.locations) ? 'some' : 'tags';
}

function tagsOf(check: CheckForm | undefined): string[] {
  const { locations = 'all' } = check ?? {};
  return typeof locations === 'object' && 'tags' in locations ? locations.tags : [];
}

/** Runners go by id; one that the stored check names goes by that name. */
function runnerChoices(places: Places, check: CheckForm | undefined) {
  return places.runners.map(({ id, name, location }): readonly [string, string] => [
    check?.runner === name ? name : String(id),
    location === null ? name : `${name} (${location})`,
  ]);
}

function Radio({ value, chosen, title }: { value: string; chosen: string; title: string }) {
  return (
    <div class="field tick">
      <label>
        <input type="radio" name="where" value={value} checked={value === chosen} />
        <span>{title}</span>
      </label>
    </div>
  );
}

interface TicksProps {
  name: string;
  names: readonly string[];
  typed: Typed;
  chosen: readonly string[];
}

/** One box a location; `typed` knows them as "locations=Home". */
function Ticks({ name, names, typed, chosen }: TicksProps) {
  return (
    <div class="ticks">
      {names.map((each) => (
        <Tick
          name={name}
          id={`${name}=${each}`}
          sends={each}
          title={each}
          typed={typed}
          value={chosen.includes(each)}
        />
      ))}
    </div>
  );
}
