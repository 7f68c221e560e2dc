// The live view: a line to the server that says when something has changed. Where there is none, or it is lost, the page
// asks by itself as it does anyway (refresh.ts); while nobody looks, neither.
import { NEWS } from './refresh.ts';

const ADDRESS = '/api/v1/live';

/** Listens while the page is visible and has something to keep fresh. */
export function listen(): void {
  if (!('EventSource' in window) || !document.querySelector('[id][data-refresh]')) return;
  let line: EventSource | null = null;
  let wasLost = false;
  const tell = () => document.dispatchEvent(new Event(NEWS));
  const open = () => {
    if (line !== null || document.hidden) return;
    line = new EventSource(ADDRESS);
    line.addEventListener('changed', tell);
    line.addEventListener('hello', () => {
      // What happened in between was said to nobody.
      if (wasLost) tell();
      wasLost = false;
    });
    line.addEventListener('error', () => {
      wasLost = true;
    });
  };
  const close = () => {
    line?.close();
    line = null;
    wasLost = true;
  };
  document.addEventListener('visibilitychange', () => (document.hidden ? close() : open()));
  addEventListener('pagehide', close);
  addEventListener('pageshow', open);
  open();
}
