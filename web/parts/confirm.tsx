import type { Child } from 'hono/jsx';

export interface ConfirmProps {
  /** Where the deed is posted. */
  action: string;
  /** "Delete". */
  verb: string;
  /** What will follow, before it does. */
  children?: Child;
  fields?: Readonly<Record<string, string>>;
}

/** A deed that asks once more before it is done. */
export function Confirm({ action, verb, fields = {}, children }: ConfirmProps) {
  return (
    <details class="confirm">
      <summary class="button danger">{verb}…</summary>
      <form method="post" action={action}>
        <p>{children}</p>
        {Object.entries(fields).map(([name, value]) => (
          <input type="hidden" name={name} value={value} />
        ))}
        <button type="submit" class="danger solid">
          {verb}
        </button>
      </form>
    </details>
  );
}
