// Elements with an id and `data-refresh="<seconds>"` are fetched anew while the page is visible, from the page's own
// address or the one in `data-refresh-from`, and at once when the page is told of news (live.ts); what the reader opened stays open, what had the focus keeps it.
import { localTimes } from './times.ts';

/** What the server last sent for an element, to leave the page alone when nothing changed. */
const sent = new WeakMap<Element, string>();
const fetchedAt = new WeakMap<Element, number>();

/** Sent to the document: fetch everything anew now. */
export const NEWS = 'anyup:news';

export function keepFresh(): void {
  const parts = () => [...document.querySelectorAll<HTMLElement>('[id][data-refresh]')];
  const loadedAt = Date.now();
  let busy = false;
  let news = false;
  const turn = async () => {
    if (busy || document.hidden) return;
    const told = news;
    news = false;
    const due = parts().filter((part) => {
      const seconds = Number(part.dataset.refresh);
      return told || Date.now() - (fetchedAt.get(part) ?? loadedAt) >= seconds * 1000;
    });
    if (due.length === 0) return;
    busy = true;
    try {
      const addresses = Map.groupBy(due, (part) => part.dataset.refreshFrom ?? location.href);
      for (const [address, together] of addresses) await renew(address, together);
    } finally {
      busy = false;
    }
  };
  setInterval(turn, 500);
  document.addEventListener('visibilitychange', turn);
  document.addEventListener(NEWS, () => {
    news = true;
    turn();
  });
}

async function renew(address: string, parts: HTMLElement[]): Promise<void> {
  for (const part of parts) fetchedAt.set(part, Date.now());
  let page: Document;
  try {
    const answer = await fetch(address, { headers: { accept: 'text/html' } });
    if (!answer.ok) return;
    page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  } catch {
    return; // It shows its age by itself; the next turn tries again.
  }
  for (const part of parts) {
    const newer = page.getElementById(part.id);
    if (!newer || newer.tagName !== part.tagName) {
      part.removeAttribute('data-refresh');
      continue;
    }
    swap(part, newer);
  }
  if (address !== location.href) return;
  const icon = page.querySelector<HTMLLinkElement>('link[rel=icon]');
  const shown = document.querySelector<HTMLLinkElement>('link[rel=icon]');
  if (icon && shown && icon.href !== shown.href) shown.href = icon.href;
  document.title = page.title;
}

function swap(part: HTMLElement, newer: HTMLElement): void {
  const html = newer.innerHTML;
  for (const name of ['data-refresh', 'data-refresh-from', 'data-as-of', 'class']) {
    const value = newer.getAttribute(name);
    if (value === null) part.removeAttribute(name);
    else part.setAttribute(name, value);
  }
  if (sent.get(part) === html) return;
  for (const details of newer.querySelectorAll<HTMLDetailsElement>('details[id]')) {
    const before = document.getElementById(details.id);
    if (before instanceof HTMLDetailsElement) details.open = before.open;
  }
  // A form that somebody may be typing into is not touched.
  if (part.contains(document.activeElement) && document.activeElement?.closest('form')) return;
  sent.set(part, html);
  announce(changes(part, newer), newer.dataset.said);
  const focused = part.contains(document.activeElement) ? handle(document.activeElement) : null;
  part.replaceChildren(...document.importNode(newer, true).childNodes);
  localTimes(part);
  if (focused) part.querySelector<HTMLElement>(focused)?.focus({ preventScroll: true });
}

/** A selector that finds the same thing again. */
function handle(element: Element | null): string | null {
  if (!element) return null;
  if (element.id) return `#${CSS.escape(element.id)}`;
  const href = element.getAttribute('href');
  if (href) return `a[href="${CSS.escape(href)}"]`;
  const details = element.parentElement?.id;
  return element.tagName === 'SUMMARY' && details ? `#${CSS.escape(details)} > summary` : null;
}

/** "db is down", for each host whose status is not what it was. */
function changes(before: Element, after: Element): string[] {
  return [...after.querySelectorAll<HTMLElement>('[data-status][data-name]')].flatMap((host) => {
    const was = before.querySelector<HTMLElement>(`#${CSS.escape(host.id)}`)?.dataset.status;
    const { name, status } = host.dataset;
    return was !== undefined && was !== status ? [`${name} is ${status}`] : [];
  });
}

function announce(what: string[], said?: string): void {
  const text = [...what, ...(said ? [said] : [])].join('. ');
  const region = document.getElementById('said');
  if (text && region) region.textContent = text;
}
