// What each day of a row of bars was: on hover and touch, and by the arrow keys once the row has the focus.
import { type Day, decodeDays } from '../chart/days.ts';
import { dateText, dayParts, dayStatusWord } from '../chart/dayWords.ts';

/** The day that was looked at last, by the id of its row: a page that renews itself keeps it. */
const lookedAt = new Map<string, number>();
const mark = document.createElement('mark');
const bubble = document.createElement('div');
bubble.className = 'bubble';
let open: { strip: HTMLElement; days: Day[]; index: number } | null = null;
/** The row that just lost the focus, perhaps because the page renewed itself: known for one turn only. */
let left: { id: string; index: number } | null = null;

function stripOf(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>('.strip[data-days]') : null;
}

function daysIn({ dataset }: HTMLElement): Day[] {
  return decodeDays(dataset.from ?? '', dataset.days ?? '');
}

/** A row of days behaves as a slider that tells rather than sets. */
function offer(root: ParentNode): void {
  for (const strip of root.querySelectorAll<HTMLElement>('.strip[data-days]:not([role])')) {
    const days = daysIn(strip);
    const picture = strip.querySelector('svg');
    strip.tabIndex = 0;
    strip.setAttribute('role', 'slider');
    strip.setAttribute('aria-readonly', 'true');
    strip.setAttribute('aria-label', `${picture?.getAttribute('aria-label')}. Day by day`);
    strip.setAttribute('aria-valuemin', '1');
    strip.setAttribute('aria-valuemax', String(days.length));
    tell(strip, days, lookedAt.get(strip.id) ?? days.length - 1);
  }
}

function tell(strip: HTMLElement, days: Day[], index: number): void {
  const day = days[index];
  if (!day) return;
  strip.setAttribute('aria-valuenow', String(index + 1));
  strip.setAttribute(
    'aria-valuetext',
    [dateText(day.day), dayStatusWord(day.status), ...dayParts(day)].join(', '),
  );
}

function show(strip: HTMLElement, wanted: number): void {
  const days = open?.strip === strip ? open.days : daysIn(strip);
  const index = Math.max(0, Math.min(days.length - 1, wanted));
  const day = days[index];
  if (!day || (open?.strip === strip && open.index === index)) return;
  open = { strip, days, index };
  lookedAt.set(strip.id, index);
  tell(strip, days, index);
  mark.style.left = `${(index / days.length) * 100}%`;
  mark.style.width = `${100 / days.length}%`;
  strip.append(mark);
  bubble.replaceChildren(
    line(dateText(day.day)),
    line(dayStatusWord(day.status), ...dayParts(day).map((part) => ` · ${part}`)),
  );
  (strip.closest('main') ?? document.body).append(bubble);
  place(strip, (index + 0.5) / days.length);
}

function line(first: string, ...rest: string[]): HTMLElement {
  const paragraph = document.createElement('p');
  const strong = document.createElement(rest.length > 0 ? 'strong' : 'span');
  strong.textContent = first;
  paragraph.append(strong, ...rest);
  return paragraph;
}

/** Above the day, within the window. */
function place(strip: HTMLElement, share: number): void {
  const box = strip.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = bubble;
  const centre = box.left + box.width * share;
  const widest = document.documentElement.clientWidth - width - 8;
  const above = box.top >= height + 4 ? box.top - height - 3 : box.bottom + 3;
  bubble.style.left = `${Math.max(8, Math.min(widest, centre - width / 2)) + scrollX}px`;
  bubble.style.top = `${above + scrollY}px`;
}

function close(): void {
  open = null;
  mark.remove();
  bubble.remove();
}

function dayUnder(strip: HTMLElement, x: number): number {
  const box = strip.getBoundingClientRect();
  const count = Number(strip.getAttribute('aria-valuemax'));
  return Math.floor(((x - box.left) / box.width) * count);
}

const MOVES: Record<string, (index: number, last: number) => number> = {
  ArrowLeft: (index) => index - 1,
  ArrowDown: (index) => index - 1,
  ArrowRight: (index) => index + 1,
  ArrowUp: (index) => index + 1,
  PageDown: (index) => index - 7,
  PageUp: (index) => index + 7,
  Home: () => 0,
  End: (_, last) => last,
};

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && open) return close();
  const strip = stripOf(event.target);
  const move = MOVES[event.key];
  if (!strip || !move || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const index = Number(strip.getAttribute('aria-valuenow')) - 1;
  show(strip, open ? move(index, Number(strip.getAttribute('aria-valuemax')) - 1) : index);
});

document.addEventListener('focusin', (event) => {
  const strip = stripOf(event.target);
  if (strip?.matches(':focus-visible')) {
    show(strip, lookedAt.get(strip.id) ?? Number.POSITIVE_INFINITY);
  }
});
document.addEventListener('focusout', (event) => {
  const strip = stripOf(event.target);
  if (!strip) return;
  left = { id: strip.id, index: open?.index ?? 0 };
  setTimeout(() => {
    left = null;
  });
  close();
});

for (const type of ['pointerover', 'pointermove', 'pointerdown'] as const) {
  document.addEventListener(type, (event) => {
    const strip = stripOf(event.target);
    if (strip) show(strip, dayUnder(strip, event.clientX));
    else if (open && !bubble.contains(event.target as Node) && !open.strip.matches(':focus')) {
      close();
    }
  });
}

/** A page that renews itself brings new rows: the one that had the focus, or the pointer, is found again. */
function resume(): void {
  const lost = open && !open.strip.isConnected ? { id: open.strip.id, index: open.index } : left;
  offer(document);
  const again = lost && document.getElementById(lost.id);
  if (!lost || !again || document.activeElement !== document.body) return;
  close();
  if (left) again.focus({ preventScroll: true });
  show(again, lost.index);
}

new MutationObserver(resume).observe(document.getElementById('main') ?? document.body, {
  childList: true,
  subtree: true,
});

offer(document);
