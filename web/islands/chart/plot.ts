// The drawing: uPlot with our axes, colours and bands. Made anew whenever the data, the lines or the theme change.
import uPlot from 'uplot';
import type { Series } from '#core/history/series.ts';
import { BAND_ORDER, type BandStatus, spansOf } from '../../chart/bands.ts';
import type { DrawnPoint, Stretch } from '../../chart/drawn.ts';
import { HATCHES } from '../../chart/hatch.ts';
import { textWidth } from '../../chart/markup.ts';
import type { ValueAxis } from '../../chart/scale.ts';
import { DASHES, nth, type Theme } from '../../chart/theme.ts';
import { timeTicks } from '../../chart/ticks.ts';
import type { Zone } from '../../chart/zone.ts';
import type { Window } from './window.ts';

export interface PlotLine {
  name: string;
  stretches: Stretch[];
  /** Which colour and dash. */
  n: number;
  /** With the area from the lowest to the 95th percentile. */
  ranged: boolean;
}

export interface PlotModel {
  series: Series;
  lines: readonly PlotLine[];
  axis: ValueAxis;
  labels: readonly string[];
  window: Window;
  /** What was read before it was drawn anew. */
  cursorAt: number | null;
  theme: Theme;
  zone: Zone;
}

export interface PlotHandlers {
  onSelect: (fromAt: number, toAt: number) => void;
  /** The instant under the cursor; null when it left. */
  onCursor: (at: number | null) => void;
}

const HEIGHT = 300;
const FONT = '12px system-ui, sans-serif';

/** Draws into `place`, which must be empty. */
export function makePlot(place: HTMLElement, model: PlotModel, handlers: PlotHandlers): uPlot {
  const { lines, theme, window, axis } = model;
  const ranged = lines.find((line) => line.ranged);
  const columns = [
    ...(ranged
      ? [column(ranged, (point) => point.high), column(ranged, (point) => point.low)]
      : []),
    ...lines.map((line) => column(line, (point) => point.value)),
  ];
  const xs = [...new Set(columns.flatMap((each) => [...each.keys()]))].sort((a, b) => a - b);
  const hidden: uPlot.Series = { stroke: 'transparent', width: 0, points: { show: false } };
  const bounds = ranged ? [hidden, hidden] : [];
  const range = ranged ? [{ series: [1, 2] as [number, number], fill: `${theme.line}38` }] : [];
  return new uPlot(
    {
      width: place.clientWidth,
      height: HEIGHT,
      ms: 1,
      legend: { show: false },
      padding: [10, 8, 0, 0],
      cursor: {
        y: false,
        drag: { x: true, y: false, setScale: false },
        // Shift moves the chart instead of choosing a part of it.
        bind: {
          mousedown: (_, __, handler) => (event) => (event.shiftKey ? null : handler(event)),
          dblclick: () => null,
        },
        points: { size: 7, fill: theme.card, width: 2 },
      },
      scales: {
        x: { time: false, min: window.fromAt, max: window.toAt },
        y: { range: () => [0, axis.top] },
      },
      axes: axesOf(model),
      series: [{}, ...bounds, ...lines.map((line) => seriesOf(line, theme))],
      bands: range,
      hooks: {
        drawAxes: [(plot) => drawBands(plot, model)],
        ready: [(plot) => attend(plot, model, handlers)],
        setCursor: [(plot) => followCursor(plot, handlers)],
        setSelect: [(plot) => select(plot, handlers)],
      },
    },
    [xs, ...columns.map((each) => xs.map((x) => each.get(x)))] as uPlot.AlignedData,
    place,
  );
}

/** A value by instant; null ends a stretch, what is absent is joined over. */
function column({ stretches }: PlotLine, of: (point: DrawnPoint) => number) {
  const values = new Map<number, number | null>();
  for (const stretch of stretches) {
    for (const point of stretch) values.set(point.at, of(point));
    const last = stretch.at(-1);
    if (last) values.set(last.at + 1, null);
  }
  return values;
}

function seriesOf({ n, stretches }: PlotLine, theme: Theme): uPlot.Series {
  const dash = nth(DASHES, n);
  return {
    stroke: nth(theme.lines, n),
    width: 1.6,
    points: loneDots(stretches),
    ...(dash !== '' && { dash: dash.split(' ').map(Number) }),
  };
}

/** Dots for the points that no line reaches; uPlot by itself would draw all once there is room. */
function loneDots(stretches: readonly Stretch[]): uPlot.Series.Points {
  const alone = stretches.flatMap(([first, second]) => (first && !second ? [first.at] : []));
  if (alone.length === 0) return { show: false };
  const filter = (plot: uPlot) => alone.map((at) => plot.data[0].indexOf(at));
  return { show: true, size: 4, filter };
}

function axesOf({ theme, zone, axis, labels }: PlotModel): uPlot.Axis[] {
  const look = { stroke: theme.soft, font: FONT, grid: { stroke: theme.grid, width: 1 } };
  const ticks = (plot: uPlot, min: number, max: number) =>
    timeTicks(min, max, Math.max(2, Math.floor(plot.width / 80)), zone);
  return [
    {
      ...look,
      size: 28,
      grid: { show: false },
      ticks: { stroke: theme.edge, width: 1, size: 5 },
      splits: (plot, _, min, max) => ticks(plot, min, max).map(({ at }) => at),
      values: (plot) => {
        const { min = 0, max = 0 } = plot.scales.x ?? {};
        return ticks(plot, min ?? 0, max ?? 0).map(({ label }) => label);
      },
    },
    {
      ...look,
      size: Math.max(...labels.map((label) => textWidth(label, 12))) + 14,
      gap: 6,
      ticks: { show: false },
      splits: () => axis.ticks,
      values: () => [...labels],
    },
  ];
}

/** uPlot puts the cursor away whenever it is made; only a pointer that leaves does so for the reader. */
function attend(plot: uPlot, { cursorAt }: PlotModel, { onCursor }: PlotHandlers): void {
  plot.over.addEventListener('mouseleave', () => onCursor(null));
  if (cursorAt !== null) plot.setCursor({ left: plot.valToPos(cursorAt, 'x'), top: 10 }, false);
}

function followCursor(plot: uPlot, { onCursor }: PlotHandlers): void {
  const { left = -1 } = plot.cursor;
  if (left >= 0) onCursor(plot.posToVal(left, 'x'));
}

function select(plot: uPlot, { onSelect }: PlotHandlers): void {
  const { left, width } = plot.select;
  if (width < 4) return;
  const [from, to] = [plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')];
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  onSelect(from, to);
}

function drawBands(plot: uPlot, { series, theme }: PlotModel): void {
  const { ctx, bbox } = plot;
  const place = (at: number) => plot.valToPos(at, 'x', true) - bbox.left;
  for (const status of BAND_ORDER) {
    const spans = spansOf(series.merged.bands, status, place, bbox.width, uPlot.pxRatio);
    const fill = hatch(ctx, status, theme);
    if (spans.length === 0 || !fill) continue;
    ctx.save();
    ctx.fillStyle = fill;
    ctx.strokeStyle = `${theme.bands[status]}8c`;
    ctx.lineWidth = uPlot.pxRatio;
    for (const { from, to } of spans) {
      const box = [bbox.left + from, bbox.top, to - from, bbox.height] as const;
      ctx.fillRect(...box);
      ctx.strokeRect(...box);
    }
    ctx.restore();
  }
}

/** The hatch of the picture (web/chart/hatch.ts), in device pixels. */
function hatch(
  ctx: CanvasRenderingContext2D,
  status: BandStatus,
  theme: Theme,
): CanvasPattern | null {
  const { size, tint, path, width } = HATCHES[status];
  const tile = document.createElement('canvas');
  const pixels = Math.round(size * uPlot.pxRatio);
  tile.width = pixels;
  tile.height = pixels;
  const pen = tile.getContext('2d');
  if (!pen) return null;
  pen.scale(pixels / size, pixels / size);
  pen.fillStyle = theme.bands[status];
  pen.globalAlpha = Number(tint);
  pen.fillRect(0, 0, size, size);
  pen.globalAlpha = 0.65;
  pen.strokeStyle = theme.bands[status];
  pen.lineWidth = width;
  pen.lineCap = 'round';
  pen.stroke(new Path2D(path));
  return ctx.createPattern(tile, 'repeat');
}
