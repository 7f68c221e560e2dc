/** A command to paste, with a button that copies it where JavaScript runs. */
export function Command({ text, title }: { text: string; title: string }) {
  return (
    <div class="command">
      <pre tabindex={0} aria-label={title}>
        <code>{text}</code>
      </pre>
      <button type="button" class="quiet" data-copy hidden>
        Copy
      </button>
    </div>
  );
}
