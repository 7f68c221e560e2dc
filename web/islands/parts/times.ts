const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const year = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });

const STALE_AFTER_MS = 3 * 60_000;

/** "12 s", "5 min", "3 h", "2 d": one unit, for what keeps counting. */
function ago(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 5) return 'just now';
  if (s < 60) return `${s} s ago`;
  if (s < 3600) return `${Math.floor(s / 60)} min ago`;
  if (s < 86_400) return `${Math.floor(s / 3600)} h ago`;
  return `${Math.floor(s / 86_400)} d ago`;
}

function short(time: Date, now: Date): string {
  if (time.toDateString() === now.toDateString()) return clock.format(time);
  if (time.getFullYear() !== now.getFullYear()) return year.format(time);
  return `${day.format(time)}, ${clock.format(time)}`;
}

/** Rewrites every `<time>` under `root` into the reader's zone, the exact instant as its title. */
export function localTimes(root: ParentNode): void {
  const now = new Date();
  for (const element of root.querySelectorAll('time')) {
    const time = new Date(element.dateTime);
    const text =
      'relative' in element.dataset ? ago(now.getTime() - time.getTime()) : short(time, now);
    if (element.textContent !== text) element.textContent = text;
    element.title ||= exact.format(time);
  }
}

/** Says so when what is shown was known more than three minutes ago. */
function warnWhenStale(): void {
  const main = document.querySelector<HTMLElement>('main[data-as-of]');
  const age = Date.now() - Number(main?.dataset.asOf);
  let warning = document.getElementById('stale');
  if (!main || !(age > STALE_AFTER_MS)) {
    warning?.remove();
    return;
  }
  if (!warning) {
    warning = document.createElement('p');
    warning.id = 'stale';
    warning.className = 'notice warn';
    warning.setAttribute('role', 'alert');
    main.before(warning);
    warning.textContent =
      'This page is old: Anyup has sent nothing newer for more than three minutes. What is shown may have changed.';
  }
}

/** Now, and while the page stays open. */
export function keepTimes(): void {
  const say = document.getElementById('zone');
  if (say) say.textContent = `Times are in your zone, ${zone.replaceAll('_', ' ')}.`;
  const turn = () => {
    localTimes(document);
    warnWhenStale();
  };
  turn();
  setInterval(turn, 5000);
}
