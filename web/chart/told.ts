// The chart for those who hear it: what the drawing shows, in sentences.

import { humanDuration } from '#core/duration.ts';
import type { Series, SeriesBand } from '#core/history/series.ts';
import { type Figures, figureTexts } from './figures.ts';
import { instantText, rangeText } from './ticks.ts';
import type { Zone } from './zone.ts';

const MOST = 5;

export function told(series: Series, figures: Figures, zone: Zone): string {
  const sentences = [
    `From ${rangeText(series.fromAt, series.toAt, zone)}`,
    figureTexts(figures).join(', '),
    ...outages(series, zone),
  ];
  if (figures.maintenanceMs > 0) sentences.push('Maintenance is left out of these shares');
  return `${sentences.join('. ')}.`;
}

function outages({ merged }: Series, zone: Zone): string[] {
  const down = merged.bands.filter(({ status }) => status === 'down');
  if (down.length === 0) return [];
  const latest = down
    .slice(-MOST)
    .map(({ fromAt, toAt }: SeriesBand) => {
      return `${instantText(fromAt, zone)} for ${humanDuration(toAt - fromAt)}`;
    })
    .join('; ');
  const times = down.length === 1 ? 'once' : `${down.length} times`;
  return [`Down ${times}${down.length > MOST ? `, the last ${MOST}` : ''}: ${latest}`];
}
