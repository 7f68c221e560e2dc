// The row of a host that is well, on a page of many: written as text, because a page of a thousand is made of little else.
import { raw } from 'hono/html';
import { humanRtt } from '#core/duration.ts';
import { uptimeText } from '../chart/figures.ts';
import { escaped } from '../chart/markup.ts';
import type { HostModel } from '../models.ts';
import { lowestRtt, shownStatus } from '../words.ts';
import { drawn } from './dayBars.tsx';
import { statusWord } from './shape.tsx';
import { shortUtc } from './time.tsx';

/** As `HostRow` (web/pages/status.tsx), but for who sees it: that is on the host's own page. */
export function CalmHost({ host }: { host: HostModel }) {
  const { id, name, since, maintenance, status, days } = host;
  const shown = shownStatus(host);
  const rttUs = lowestRtt(host);
  const word = statusWord(shown);
  const title = escaped(name);
  let work = '';
  let state = `<strong class="${shown}">${word}</strong> `;
  if (maintenance && shown === 'maintenance') {
    const beneath = status === 'up' ? '' : `; beneath it ${statusWord(status).toLowerCase()}`;
    work = `<p class="work">${escaped(maintenance.title)}, until ${time(maintenance.until)}${beneath}</p>`;
  }
  if (since !== null && shown === status) state += `<span>since ${time(since)}</span>`;
  let bars = '';
  if (days) {
    const { count, svg } = drawn(days);
    const uptime = days.uptime === null ? 'not known yet' : `${uptimeText(days.uptime)} up`;
    bars =
      `<div class="days"><div class="strip" id="days-${id}" data-from="${days.from}" data-days="${days.days}">${svg}</div>` +
      `<p><span>${count} days ago</span><b>${uptime}</b><span>today</span></p></div>`;
  }
  const rtt = rttUs !== null && shown !== 'paused' ? humanRtt(rttUs) : '';
  return raw(
    `<li class="host" id="host-${id}" data-status="${shown}" data-name="${title}">` +
      `<svg class="shape ${shown}" aria-hidden="true"><use href="#s-${shown}"></use></svg>` +
      `<h3><a href="/hosts/${id}">${title}</a></h3><p class="rtt">${rtt}</p><p class="state">${state}</p>${work}${bars}</li>`,
  );
}

function time(at: number): string {
  const date = new Date(at);
  return `<time datetime="${date.toISOString().slice(0, 19)}Z">${shortUtc(date)}</time>`;
}
