// What a form sent, and the same form again when it is refused.
import type { FieldError, Typed } from '#web/form/errors.ts';
import type { AppContext } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';

export interface Form {
  /** The first value sent under a name. Boxes of one name are also found as "name=value". */
  values: Record<string, string | undefined>;
  many: (name: string) => string[];
  /** Sent and not blank, else undefined. */
  text: (name: string) => string | undefined;
}

/** Reads a posted form; files are left out. */
export async function readForm(c: AppContext): Promise<Form> {
  const body = await c.req.parseBody({ all: true });
  const sent = new Map<string, string[]>();
  for (const [name, value] of Object.entries(body)) {
    const all = Array.isArray(value) ? value : [value];
    sent.set(
      name,
      all.filter((each) => typeof each === 'string'),
    );
  }
  const values: Form['values'] = {};
  for (const [name, all] of sent) {
    values[name] = all[0];
    for (const each of all) if (each.length <= 100) values[`${name}=${each}`] = 'yes';
  }
  return {
    values,
    many: (name) => sent.get(name) ?? [],
    text: (name) => values[name]?.trim() || undefined,
  };
}

/** Acts; input that is refused shows the form again with what was typed and what is wrong. */
export async function orAgain(
  form: Form,
  act: () => Promise<Response>,
  again: (typed: Typed) => Promise<Response>,
): Promise<Response> {
  try {
    return await act();
  } catch (error) {
    const errors = refusedFields(error);
    if (errors === null) throw error;
    return again({ values: form.values, errors });
  }
}

/** Refusals a person can mend in the form; null for everything else. */
function refusedFields(error: unknown): FieldError[] | null {
  if (!(error instanceof Problem)) return null;
  if (error.code === 'invalid_input') return error.errors;
  if (error.code === 'conflict' || error.code === 'too_many') {
    return [{ path: '', message: error.message }];
  }
  return null;
}
