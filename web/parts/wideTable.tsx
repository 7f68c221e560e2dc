import type { Child } from 'hono/jsx';

/** A table of figures; where it is wider than the page it scrolls by itself, by keys too. */
export function WideTable({ children }: { children?: Child }) {
  return (
    <div class="wide" tabindex={0}>
      <table class="figures">{children}</table>
    </div>
  );
}
