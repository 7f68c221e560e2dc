// Buttons, boxes and the line of text beneath the drawing.
import type { Series } from '#core/history/series.ts';
import { BAND_ORDER, type BandStatus } from '../../chart/bands.ts';
import { hatchFill, hatchMarkup } from '../../chart/hatch.ts';
import { tag } from '../../chart/markup.ts';
import { DASHES, nth, type Theme } from '../../chart/theme.ts';

export type Deed = 'earlier' | 'later' | 'in' | 'out';

const DEEDS: Array<[deed: Deed, sign: string, words: string]> = [
  ['earlier', '←', 'Earlier'],
  ['later', '→', 'Later'],
  ['in', '+', 'Zoom in'],
  ['out', '−', 'Zoom out'],
];

export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Record<string, string> = {},
  ...children: Array<Node | string>
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

export function deedButtons(onDeed: (deed: Deed) => void): HTMLElement {
  const buttons = DEEDS.map(([deed, sign, words]) => {
    const button = element('button', { type: 'button', 'aria-label': words, title: words }, sign);
    button.addEventListener('click', () => onDeed(deed));
    return button;
  });
  return element('div', { class: 'deeds' }, ...buttons);
}

/** Boxes that switch lines on and off; none where there is nothing to choose. */
export function lineBoxes(
  names: readonly string[],
  shown: ReadonlySet<string>,
  theme: Theme,
  onToggle: (name: string, on: boolean) => void,
): HTMLElement[] {
  return names.map((name, n) => {
    const box = element('input', { type: 'checkbox' });
    box.checked = shown.has(name);
    box.addEventListener('change', () => onToggle(name, box.checked));
    return element('label', {}, box, sample(lineMarkup(theme, n)), name);
  });
}

/** What the hatches mean, for those that occur. */
export function bandWords({ merged }: Series, theme: Theme): HTMLElement[] {
  return BAND_ORDER.toReversed()
    .filter((status) => merged.bands.some((band) => band.status === status))
    .map((status) => {
      const word = status.charAt(0).toUpperCase() + status.slice(1);
      return element('span', {}, sample(bandMarkup(theme, status)), word);
    });
}

function sample(markup: string): HTMLImageElement {
  const svg = tag(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', width: 24, height: 12, viewBox: '0 0 24 12' },
    markup,
  );
  const src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  return element('img', { src, alt: '', width: '24', height: '12' });
}

function lineMarkup(theme: Theme, n: number): string {
  const dash = nth(DASHES, n);
  return tag('path', {
    d: 'M0 6h24',
    stroke: nth(theme.lines, n),
    'stroke-width': 2,
    'stroke-dasharray': dash,
  });
}

function bandMarkup(theme: Theme, status: BandStatus): string {
  const frame = { width: 24, height: 12, fill: hatchFill('s', status) };
  return tag('defs', {}, hatchMarkup('s', theme)) + tag('rect', frame);
}
