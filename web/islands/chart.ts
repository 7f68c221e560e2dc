// On a host's page: charts to zoom and move in the place of the pictures, kept when the page renews itself.
import { Chart } from './chart/chart.ts';

const charts = new Map<string, Chart>();
/** What has the focus, or had it until a moment ago: a page that renews itself takes it away. */
let focused: HTMLElement | null = null;

function settle(): void {
  for (const figure of document.querySelectorAll<HTMLElement>('figure[data-chart]')) {
    const known = charts.get(figure.id);
    if (!known) charts.set(figure.id, new Chart(figure));
    else if (known.figure !== figure) {
      figure.replaceWith(known.figure);
      if (known.figure.contains(focused) && document.activeElement === document.body) {
        focused?.focus({ preventScroll: true });
      }
    }
  }
  for (const chart of charts.values()) chart.renew();
}

document.addEventListener('focusin', ({ target }) => {
  focused = target instanceof HTMLElement ? target : null;
});
document.addEventListener('focusout', () => {
  setTimeout(() => {
    if (document.activeElement === document.body) focused = null;
  });
});

new MutationObserver(settle).observe(document.getElementById('main') ?? document.body, {
  childList: true,
});
setInterval(() => {
  for (const chart of charts.values()) chart.renew();
}, 15_000);
settle();
