// Form controls: label, hint, what was typed, what is wrong with it.
import type { Child } from 'hono/jsx';
import { errorsAt, sentenceFor, type Typed } from '../form/errors.ts';
import type { FieldSpec } from '../form/fields.ts';

interface Shown {
  name: string;
  title: string;
  hint?: string;
  error?: string | undefined;
}

/** Label, control, hint and error of one field. */
function Frame({ name, title, hint, error, children }: Shown & { children?: Child }) {
  return (
    <div class={error ? 'field wrong' : 'field'}>
      <label for={`f-${name}`}>{title}</label>
      {children}
      {hint && (
        <p class="hint" id={`h-${name}`}>
          {hint}
        </p>
      )}
      {error && (
        <p class="error" id={`e-${name}`}>
          {error}
        </p>
      )}
    </div>
  );
}

/** The attributes every control carries. */
function control({ name, hint, error }: Shown) {
  const described = [error && `e-${name}`, hint && `h-${name}`].filter(Boolean).join(' ');
  return {
    id: `f-${name}`,
    name,
    ...(error && { 'aria-invalid': 'true' as const }),
    ...(described && { 'aria-describedby': described }),
  };
}

export function errorOf(typed: Typed, name: string, title: string): string | undefined {
  const [first] = errorsAt(typed.errors, name);
  if (!first) return undefined;
  const inside = /^\.(.+)$/.exec(first.path.slice(name.length))?.[1];
  return sentenceFor(inside ? `"${inside}"` : title, first.message);
}

export interface TextFieldProps {
  name: string;
  title: string;
  typed: Typed;
  hint?: string;
  /** Shown when nothing was typed. */
  value?: string;
  placeholder?: string;
  required?: boolean;
  type?: 'text' | 'number' | 'password' | 'url' | 'datetime-local';
  /** It is a time in UTC, which an island lets people give in their own zone. */
  utc?: boolean;
  /** Names to choose from while typing. */
  options?: readonly string[];
  autocomplete?: string;
  autofocus?: boolean;
}

export function TextField(props: TextFieldProps) {
  const { name, title, typed, hint, placeholder, required, type = 'text', options } = props;
  const error = errorOf(typed, name, title);
  const shown = { name, title, ...(hint !== undefined && { hint }), error };
  return (
    <Frame {...shown}>
      <input
        {...control(shown)}
        type={type === 'number' ? 'text' : type}
        inputmode={type === 'number' ? 'numeric' : undefined}
        value={typed.values[name] ?? props.value ?? ''}
        placeholder={placeholder}
        required={required}
        autocomplete={props.autocomplete ?? 'off'}
        autocapitalize="none"
        spellcheck={false}
        autofocus={props.autofocus}
        data-utc={props.utc}
        list={options && options.length > 0 ? `l-${name}` : undefined}
      />
      {options && options.length > 0 && (
        <datalist id={`l-${name}`}>
          {options.map((each) => (
            <option value={each} />
          ))}
        </datalist>
      )}
    </Frame>
  );
}

/** Text of several lines. */
export function AreaField(props: Pick<TextFieldProps, 'name' | 'title' | 'typed' | 'value'>) {
  const { name, title, typed, value } = props;
  const shown = { name, title, error: errorOf(typed, name, title) };
  return (
    <Frame {...shown}>
      <textarea {...control(shown)} rows={3}>
        {typed.values[name] ?? value ?? ''}
      </textarea>
    </Frame>
  );
}

export interface ChoiceFieldProps {
  name: string;
  title: string;
  typed: Typed;
  hint?: string;
  value?: string;
  choices: ReadonlyArray<readonly [value: string, title: string]>;
}

export function ChoiceField({ name, title, typed, hint, value, choices }: ChoiceFieldProps) {
  const error = errorOf(typed, name, title);
  const shown = { name, title, ...(hint !== undefined && { hint }), error };
  const chosen = typed.values[name] ?? value;
  return (
    <Frame {...shown}>
      <select {...control(shown)}>
        {choices.map(([each, words]) => (
          <option value={each} selected={each === chosen}>
            {words}
          </option>
        ))}
      </select>
    </Frame>
  );
}

export interface TickProps {
  name: string;
  title: string;
  typed: Typed;
  hint?: string;
  value: boolean;
  /** What is sent when it is ticked. */
  sends?: string;
  id?: string;
}

/** A box to tick; `typed` decides once the form has been sent. */
export function Tick({ name, title, typed, hint, value, sends = 'yes', id = name }: TickProps) {
  const sent = Object.keys(typed.values).length > 0;
  const ticked = sent ? (typed.values[id] ?? '') !== '' : value;
  return (
    <div class="field tick">
      <label>
        <input type="checkbox" name={name} value={sends} checked={ticked} />
        <span>{title}</span>
      </label>
      {hint && <p class="hint">{hint}</p>}
    </div>
  );
}

export interface SpecFieldProps {
  spec: FieldSpec;
  typed: Typed;
  /** What is stored, as it would be typed. */
  value?: string;
  /** A secret is stored already. */
  stored?: boolean;
}

/** The control that a field of a schema asks for. */
export function SpecField({ spec, typed, value, stored = false }: SpecFieldProps) {
  const { name, title, control: kind } = spec;
  const hint = [spec.hint, spec.secret && stored && 'stored; leave empty to keep it']
    .filter(Boolean)
    .join('; ');
  if (kind === 'yes') {
    const on = value ?? spec.fallback;
    return <Tick name={name} title={title} typed={typed} hint={hint} value={on !== ''} />;
  }
  if (kind === 'choice') {
    return (
      <ChoiceField
        name={name}
        title={title}
        typed={typed}
        hint={hint}
        value={value ?? spec.fallback}
        choices={spec.choices.map((each) => [each, each])}
      />
    );
  }
  if (kind === 'area' || kind === 'lines' || kind === 'pairs') {
    const error = errorOf(typed, name, title);
    const shown = { name, title, hint, error };
    return (
      <Frame {...shown}>
        <textarea
          {...control(shown)}
          rows={3}
          placeholder={spec.secret && stored ? '••••••••' : spec.placeholder}
          spellcheck={false}
        >
          {spec.secret ? '' : (typed.values[name] ?? value ?? '')}
        </textarea>
      </Frame>
    );
  }
  return (
    <TextField
      name={name}
      title={title}
      // A secret that was refused is typed again: it never comes back in a page.
      typed={spec.secret ? { values: {}, errors: typed.errors } : typed}
      hint={hint}
      {...(spec.secret ? {} : { value: value ?? spec.fallback })}
      placeholder={spec.secret && stored ? '••••••••' : spec.placeholder}
      required={spec.required && !(spec.secret && stored)}
      type={spec.secret ? 'password' : kind === 'number' ? 'number' : 'text'}
    />
  );
}

/** What no shown field answers for, and how many fields are to be looked at. */
export function ErrorSummary({ typed, fields }: { typed: Typed; fields: readonly string[] }) {
  if (typed.errors.length === 0) return null;
  const homeless = typed.errors.filter(
    (error) => !fields.some((name) => errorsAt([error], name).length > 0),
  );
  const named = typed.errors.length - homeless.length;
  return (
    <div class="said bad" role="alert">
      <p>
        Not saved:{' '}
        {named > 0 && (named === 1 ? 'one field is not right.' : `${named} fields are not right.`)}
        {homeless.map(({ path, message }) => ` ${sentenceFor(path, message)}.`)}
      </p>
    </div>
  );
}
