// The fields of one check.
import { HERE_NAME } from '#core/assign.ts';
import { canLookFromWorker } from '#core/checks/fromWorker.ts';
import { isWorkerKind, type Kind, kindOf } from '#core/checks/index.ts';
import type { CheckForm } from '../adminModels.ts';
import { checkValues, kindFields, policyType } from '../form/check.ts';
import { errorsAt, type Typed } from '../form/errors.ts';
import type { FieldSpec } from '../form/fields.ts';
import { ChoiceField, errorOf, SpecField, TextField, Tick } from './field.tsx';

export interface Places {
  locations: readonly string[];
  runners: ReadonlyArray<{ id: number; name: string; location: string | null }>;
  /** Nobody but the worker itself can look; absent = somebody can. */
  onlyHere?: boolean;
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
  const sections = Map.groupBy(fields.rest, ({ section }) => section);
  const wrong = (names: readonly string[]) =>
    names.some((name) => errorsAt(typed.errors, name).length > 0);
  const value = (name: string) => (check ? { value: values[name] ?? '' } : {});
  return (
    <>
      <SpecField spec={fields.target} typed={typed} {...value(fields.target.name)} />
      <fieldset>
        <legend>What is expected</legend>
        <div class="columns">
          {sections.get('')?.map((spec) => (
            <Spec spec={spec} typed={typed} values={values} check={check} />
          ))}
        </div>
        {kindOf(kind as Kind).invertible !== false && (
          <Tick
            name="invert"
            title="Must not answer"
            hint="down when it answers as expected, up when it does not"
            typed={typed}
            value={check?.invert === true}
          />
        )}
      </fieldset>
      {[...sections].map(
        ([title, specs]) =>
          title !== '' && (
            <details class="fieldset" open={wrong(specs.map(({ name }) => name))}>
              <summary>
                {title}
                <Chosen specs={specs} typed={typed} values={values} check={check} />
              </summary>
              <div class="columns">
                {specs.map((spec) => (
                  <Spec spec={spec} typed={typed} values={values} check={check} />
                ))}
              </div>
            </details>
          ),
      )}
      {isWorkerKind(kind) ? (
        <CheckName typed={typed} values={values} />
      ) : (
        <>
          <details class="fieldset" open={wrong(TIMING)}>
            <summary>How often, and how sure</summary>
            <Timing typed={typed} values={values} tags={check?.tags ?? []} />
          </details>
          <details
            class="fieldset"
            open={
              wrong(['policy', 'locations', 'runner']) ||
              (check !== undefined && (check.locations !== 'all' || check.policy !== 'any'))
            }
          >
            <summary>From where, and who decides</summary>
            <Where typed={typed} check={check} places={places} kind={kind} />
          </details>
        </>
      )}
    </>
  );
}

/** What the part on timing answers for. */
const TIMING = [
  ...['interval', 'cron', 'zone', 'timeout', 'retryAfter', 'failures', 'successes', 'name'],
  'tags',
];

interface SpecProps {
  spec: FieldSpec;
  typed: Typed;
  values: Record<string, string>;
  check: CheckForm | undefined;
}

function Spec({ spec, typed, values, check }: SpecProps) {
  const value = values[spec.name];
  return (
    <SpecField
      spec={spec}
      typed={typed}
      stored={spec.secret && check?.[spec.name] !== undefined}
      {...(value !== undefined && { value })}
    />
  );
}

type ChosenProps = Omit<SpecProps, 'spec'> & { specs: readonly FieldSpec[] };

/** What of a folded part is not as usual, so that nobody has to look. */
function Chosen({ specs, typed, values, check }: ChosenProps) {
  const chosen = specs.filter(({ name, fallback, secret, control }) => {
    if (secret) return check?.[name] !== undefined;
    const value = typed.values[name] ?? values[name] ?? fallback;
    return control === 'yes' ? (value === '') !== (fallback === '') : value !== fallback;
  });
  if (chosen.length === 0) return null;
  return <span class="chosen">{chosen.map(({ title }) => title).join(', ')}</span>;
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

interface TimingProps {
  typed: Typed;
  values: Record<string, string>;
  tags: readonly string[];
}

function Timing({ typed, values, tags }: TimingProps) {
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
        name="cron"
        title="Or by cron"
        typed={typed}
        value={values.cron ?? ''}
        placeholder="*/5 8-18 * * 1-5"
        hint="goes before the interval"
      />
      <TextField
        name="zone"
        title="Time zone of that"
        typed={typed}
        value={values.zone ?? ''}
        placeholder="UTC"
        hint='like "Europe/Berlin"'
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
      <TextField
        name="tags"
        title="Tags of this check"
        typed={typed}
        value={tags.join(', ')}
        hint="words to find it by, with commas between"
      />
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
  kind: string;
}

function Where({ typed, check, places, kind }: WhereProps) {
  const fresh = check === undefined && places.onlyHere === true && canLookFromWorker(kind);
  const where = typed.values.where ?? (fresh ? 'some' : whereOf(check));
  const policy = check?.policy ?? 'any';
  const chosen = fresh ? [HERE_NAME] : Array.isArray(check?.locations) ? check.locations : [];
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
        {places.locations.includes(HERE_NAME) && (
          <p class="hint">
            {canLookFromWorker(kind)
              ? `${HERE_NAME}: Anyup’s own worker, every minute at most and only at public addresses. It cannot tell when certificates end, match patterns, or choose the address family, a proxy or TLS; “every location” leaves it out.`
              : `${HERE_NAME} cannot look at checks of this kind.`}
          </p>
        )}
        <Radio value="tags" chosen={where} title="the locations with a tag" />
        <div class="only-tags">
          <TextField
            name="placeTags"
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
