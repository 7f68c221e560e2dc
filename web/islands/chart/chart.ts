// One chart on the page: the picture stays until the data has come, then the drawing takes its place.
import type uPlot from 'uplot';
import type { Series } from '#core/history/series.ts';
import { contentOf, type Lines, usualLines } from '../../chart/content.ts';
import { valueAxis, worthShowing } from '../../chart/scale.ts';
import { THEMES } from '../../chart/theme.ts';
import { zoneOf } from '../../chart/zone.ts';
import { bandWords, type Deed, deedButtons, element, lineBoxes } from './controls.ts';
import { fetchSeries } from './data.ts';
import { makePlot, type PlotLine } from './plot.ts';
import { neighbour, readingAt } from './reading.ts';
import { chosen, endsNow, lastOf, moved, type Window, zoomed } from './window.ts';

const RANGES_MS: Record<string, number> = {
  '24h': 86_400_000,
  '7d': 7 * 86_400_000,
  '30d': 30 * 86_400_000,
  '90d': 90 * 86_400_000,
};
/** The check as a whole, among the names of locations. */
const WHOLE = 'All locations';
const RENEW_MS = 60_000;
const SETTLE_MS = 250;
/** A reader of the screen is told this often at most. */
const TELL_MS = 1000;

const dark = matchMedia('(prefers-color-scheme: dark)');
const zone = zoneOf(Intl.DateTimeFormat().resolvedOptions().timeZone);

export class Chart {
  readonly figure: HTMLElement;
  readonly #address: string;
  readonly #drawing: HTMLElement;
  readonly #boxes = element('div', { class: 'lines' });
  readonly #reading = element('p', { class: 'reading' });
  readonly #told = element('p', { class: 'unseen', role: 'status' });
  readonly #shown = new Set([WHOLE]);
  /** What is drawn in place of RTT; undefined = as is usual for what the series has. */
  #metric: string | null | undefined;
  #window: Window;
  #series: Series | null = null;
  #plot: uPlot | null = null;
  #cursorAt: number | null = null;
  #loading: AbortController | null = null;
  #fetchedAt = 0;
  #settling = 0;
  #telling = 0;

  constructor(figure: HTMLElement) {
    this.figure = figure;
    this.#address = figure.dataset.series ?? '';
    this.#drawing = figure.querySelector<HTMLElement>('.drawing') ?? figure;
    this.#window = lastOf(
      RANGES_MS[figure.dataset.range ?? ''] ?? RANGES_MS['24h'] ?? 0,
      Date.now(),
    );
    figure.addEventListener('click', (event) => this.#onRange(event));
    dark.addEventListener('change', () => this.#draw());
    new ResizeObserver(() => this.#resize()).observe(figure);
    void this.#load();
  }

  /** Fetches what came since, as long as the reader looks at the present. */
  renew(): void {
    const now = Date.now();
    if (document.hidden || now - this.#fetchedAt < RENEW_MS) return;
    if (!this.#plot || !endsNow(this.#window, this.#fetchedAt)) return;
    this.#window = lastOf(this.#window.toAt - this.#window.fromAt, now);
    void this.#load();
  }

  async #load(): Promise<void> {
    this.#loading?.abort();
    const loading = new AbortController();
    this.#loading = loading;
    this.#fetchedAt = Date.now();
    try {
      this.#series = await fetchSeries(this.#address, this.#window, loading.signal);
    } catch {
      if (!loading.signal.aborted && this.#series) {
        this.#say('What is missing here could not be loaded.');
      }
      return; // The picture, or what was drawn before, stays.
    }
    this.#draw();
  }

  #draw(): void {
    const series = this.#series;
    if (!series) return;
    if (this.#metric === undefined) {
      const usual = usualLines(series);
      this.#metric = typeof usual === 'object' ? usual.metric : null;
    }
    if (!this.#plot) this.#furnish();
    this.#plot?.destroy();
    const theme = THEMES[dark.matches ? 'dark' : 'light'];
    const { lines, axis, labels } = this.#model(series);
    const cursorAt = this.#cursorAt;
    const model = { series, lines, axis, labels, window: this.#window, cursorAt, theme, zone };
    this.#plot = makePlot(this.#drawing, model, {
      onSelect: (from, to) => this.#look(chosen(from, to, Date.now())),
      onCursor: (at) => this.#read(at),
    });
    this.#hold(this.#plot);
    this.#boxes.replaceChildren(...this.#legend(series));
  }

  #model(series: Series) {
    const room = this.#drawing.clientWidth;
    const of = (lines: Lines) => contentOf(series, lines, 'dynamic', room);
    if (typeof this.#metric === 'string') {
      const content = of({ metric: this.#metric });
      const axis = content.axisFor(5);
      const lines = content.lines.map((line, n) => ({ ...line, n, ranged: false }));
      return { lines, axis, labels: content.labels(axis) };
    }
    const whole = of('merged');
    const all: PlotLine[] = [
      ...whole.lines.map((line) => ({ ...line, name: WHOLE, n: 0, ranged: whole.ranged })),
      ...of('locations').lines.map((line, i) => ({ ...line, n: i + 1, ranged: false })),
    ];
    const lines = all.filter(({ name }) => this.#shown.has(name));
    const values = lines.flatMap(({ stretches, ranged }) =>
      stretches.flat().map(({ value, high }) => (ranged ? high : value)),
    );
    const axis = valueAxis(worthShowing(values) || 1000, 5);
    return { lines, axis, labels: whole.labels(axis) };
  }

  /** The picture goes; what belongs to the drawing comes, once. */
  #furnish(): void {
    this.#drawing.replaceChildren();
    this.#drawing.tabIndex = 0;
    this.#drawing.setAttribute('role', 'application');
    this.#drawing.setAttribute('aria-roledescription', 'chart');
    this.#drawing.setAttribute(
      'aria-label',
      'RTT and status. Arrow keys move, plus and minus zoom, Shift with an arrow key reads point by point.',
    );
    this.#drawing.addEventListener('keydown', (event) => this.#onKey(event));
    const deeds = deedButtons((deed) => this.#do(deed));
    const tools = element('div', { class: 'tools' }, this.#reading, deeds);
    this.#drawing.after(tools, this.#boxes, this.#told);
    this.#read(null);
  }

  #legend(series: Series): HTMLElement[] {
    const theme = THEMES[dark.matches ? 'dark' : 'light'];
    const names = [WHOLE, ...series.locations.map(({ name }) => name)];
    const boxes =
      this.#metric === null && series.locations.length > 1
        ? lineBoxes(names, this.#shown, theme, (name, on) => this.#toggle(name, on))
        : [];
    return [...this.#metricChoice(series), ...boxes, ...bandWords(series, theme)];
  }

  #metricChoice({ metrics = [] }: Series): HTMLElement[] {
    if (metrics.length === 0) return [];
    const select = element('select', { 'aria-label': 'What is drawn' });
    select.append(
      new Option('RTT', ''),
      ...metrics.map(({ name }) => new Option(name, `m${name}`)),
    );
    select.value = typeof this.#metric === 'string' ? `m${this.#metric}` : '';
    select.addEventListener('change', () => {
      this.#metric = select.value === '' ? null : select.value.slice(1);
      this.#draw();
      this.#boxes.querySelector('select')?.focus();
    });
    return [select];
  }

  #toggle(name: string, on: boolean): void {
    if (on) this.#shown.add(name);
    else this.#shown.delete(name);
    this.#draw();
    const boxes = [...this.#boxes.querySelectorAll('label')];
    boxes
      .find((label) => label.textContent === name)
      ?.querySelector('input')
      ?.focus();
  }

  /** Shows a stretch of time: at once with what is known, soon with what suits it. */
  #look(window: Window): void {
    this.#window = window;
    this.#markRange(null);
    this.#plot?.setScale('x', { min: window.fromAt, max: window.toAt });
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => void this.#load(), SETTLE_MS);
  }

  #do(deed: Deed): void {
    const now = Date.now();
    if (deed === 'earlier') this.#look(moved(this.#window, -0.25, now));
    if (deed === 'later') this.#look(moved(this.#window, 0.25, now));
    if (deed === 'in') this.#look(zoomed(this.#window, 0.5, now));
    if (deed === 'out') this.#look(zoomed(this.#window, 2, now));
  }

  #onKey(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (by !== 0 && event.shiftKey) this.#step(by);
    else if (by !== 0) this.#do(by > 0 ? 'later' : 'earlier');
    else if (event.key === '+' || event.key === '=') this.#do('in');
    else if (event.key === '-') this.#do('out');
    else return;
    event.preventDefault();
  }

  /** The cursor to the next point. */
  #step(by: 1 | -1): void {
    const plot = this.#plot;
    if (!this.#series || !plot) return;
    const from = this.#cursorAt ?? (by > 0 ? this.#window.fromAt : this.#window.toAt);
    const at = neighbour(this.#series, from, by);
    if (at === null || at < this.#window.fromAt || at > this.#window.toAt) return;
    plot.setCursor({ left: plot.valToPos(at, 'x'), top: 10 });
    // What the cursor says is a pixel's instant; the step goes on from the point itself.
    this.#read(at);
  }

  /** One of the usual ranges: without a script the same link loads the page anew. */
  #onRange(event: MouseEvent): void {
    const link = event.target instanceof Element ? event.target.closest('a[data-range]') : null;
    if (!(link instanceof HTMLAnchorElement) || !this.#plot) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const range = link.dataset.range ?? '';
    this.#window = lastOf(RANGES_MS[range] ?? 0, Date.now());
    this.#markRange(range);
    history.replaceState(null, '', link.href);
    void this.#load();
  }

  #markRange(range: string | null): void {
    for (const link of this.figure.querySelectorAll<HTMLAnchorElement>('a[data-range]')) {
      if (link.dataset.range === range) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
    }
  }

  #read(at: number | null): void {
    this.#cursorAt = at;
    if (at === null || !this.#series) {
      this.#reading.textContent = matchMedia('(pointer: coarse)').matches
        ? 'Swipe to move, tap to read.'
        : 'Drag to zoom, Shift and drag to move.';
      return;
    }
    this.#say(readingAt(this.#series, at, this.#shown, zone));
  }

  #say(text: string): void {
    this.#reading.textContent = text;
    if (this.#telling !== 0) return;
    this.#telling = setTimeout(() => {
      this.#telling = 0;
      this.#told.textContent = this.#reading.textContent;
    }, TELL_MS);
  }

  /** A finger, or the mouse with Shift, moves the chart. */
  #hold({ over }: uPlot): void {
    over.addEventListener('pointerdown', (down) => {
      if (down.pointerType !== 'touch' && !down.shiftKey) return;
      const { fromAt, toAt } = this.#window;
      const width = over.clientWidth;
      const move = ({ clientX, pointerId }: PointerEvent) => {
        const by = (down.clientX - clientX) / width;
        if (pointerId !== down.pointerId || Math.abs(by * width) < 6) return;
        this.#look(moved({ fromAt, toAt }, by, Date.now()));
      };
      const done = new AbortController();
      addEventListener('pointermove', move, done);
      for (const end of ['pointerup', 'pointercancel'] as const) {
        addEventListener(end, () => done.abort(), done);
      }
    });
  }

  #resize(): void {
    const { clientWidth: width } = this.#drawing;
    if (this.#plot && width > 0 && width !== this.#plot.width) {
      this.#plot.setSize({ width, height: this.#plot.height });
    }
  }
}
