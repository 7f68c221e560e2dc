/** A command to paste, with a button that copies it where JavaScript runs. */
export function Command({ text, title }: { text: string; title: string }) {
  return (
    <section class="command" aria-label={title}>
      {/* Wide commands are scrolled, also by keyboard. */}
      <pre tabindex={0}>
        <code>{text}</code>
      </pre>
      <button type="button" class="quiet" data-copy hidden>
        Copy
      </button>
    </section>
  );
}
