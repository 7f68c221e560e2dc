import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Series } from '#core/history/series.ts';
import { launchBrowser } from '#test/support/browser.ts';
import { DAY, HOUR, MINUTE, series } from '#test/support/series.ts';
import { type ChartOptions, chartSvg } from '#web/chart/chartSvg.ts';

const TO = Date.UTC(2026, 10, 21, 9);
const day = series({
  fromAt: TO - DAY,
  toAt: TO,
  stepMs: MINUTE,
  locations: ['Home', 'Office', 'Frankfurt'],
  runs: [
    { fromAt: TO - 20 * HOUR, toAt: TO - 19 * HOUR, status: 'down' },
    { fromAt: TO - 9 * HOUR, toAt: TO - 8 * HOUR, status: 'degraded' },
    { fromAt: TO - 5 * HOUR, toAt: TO - 4 * HOUR, status: 'unknown' },
  ],
});
const empty: Series = { ...day, merged: { points: [], bands: [] }, locations: [] };
const usual: ChartOptions = {
  width: 960,
  height: 320,
  theme: 'light',
  scale: 'dynamic',
  title: 'db.example.org',
  lines: 'merged',
};
const SIZES = [200, 320, 640, 1200, 2000].flatMap((width) =>
  [60, 100, 120, 200, 400, 1200].map((height) => [width, height] as const),
);
const HOSTILE = '</title><script>alert(1)</script> "&\' ]]> \u0000\u0008\ud800 名前';

let browser: Browser;
let page: Page;
beforeAll(async () => {
  browser = await launchBrowser();
  page = await browser.newPage();
});
afterAll(async () => {
  await browser.close();
});

interface Parsed {
  error: string | null;
  names: string[];
  title: string;
  texts: string[];
  strange: number;
}

const PARSE = `(text) => {
  const document = new DOMParser().parseFromString(text, 'image/svg+xml');
  const all = [...document.querySelectorAll('*')];
  return {
    error: document.querySelector('parsererror')?.textContent ?? null,
    names: [...new Set(all.map(({ localName }) => localName))],
    title: document.querySelector('title')?.textContent ?? '',
    texts: [...document.querySelectorAll('text')].map(({ textContent }) => textContent),
    strange: all.flatMap((each) =>
      [...each.attributes].filter(({ value }) => /NaN|undefined|Infinity/.test(value))).length,
  };
}`;

/** What an XML parser makes of it: the error it reports, and what it found. */
async function parsed(svg: string): Promise<Parsed> {
  return page.evaluate(`(${PARSE})(${JSON.stringify(svg)})`);
}

/** Texts that reach beyond the picture or lie on each other. */
const MISPLACED = `(() => {
  const frame = document.querySelector('svg').getBoundingClientRect();
  const boxes = [...document.querySelectorAll('text')].map((each) => each.getBoundingClientRect());
  const texts = [...document.querySelectorAll('text')].map(({ textContent }) => textContent);
  const meet = (a, b) =>
    a.left < b.right && b.left < a.right && a.top + 3 < b.bottom - 3 && b.top + 3 < a.bottom - 3;
  return texts.filter((_, i) =>
    boxes[i].right > frame.right + 1 || boxes[i].left < frame.left - 1 ||
    boxes.some((box, k) => k !== i && meet(box, boxes[i])));
})()`;

describe('a chart as an image', () => {
  it('is well-formed at every size, in both themes, with every choice of lines', async () => {
    for (const [width, height] of SIZES) {
      for (const given of [day, empty]) {
        const lines = width % 400 === 0 ? 'merged' : 'locations';
        const theme = height > 150 ? 'dark' : 'light';
        const svg = chartSvg(given, { ...usual, width, height, theme, lines });
        expect(await parsed(svg)).toMatchObject({ error: null, strange: 0 });
      }
    }
  });

  it('stands by itself: no script, no style sheet, nothing to fetch', async () => {
    const svg = chartSvg(day, usual);
    const { names } = await parsed(svg);
    for (const name of ['script', 'style', 'image', 'use', 'foreignObject', 'a']) {
      expect(names).not.toContain(name);
    }
    expect(svg).not.toMatch(/\shref=|url\((?!#)|\sstyle=|\son\w+=/);
  });

  it('shows a name as text, whatever it holds', async () => {
    const { error, names, title, texts } = await parsed(
      chartSvg(day, { ...usual, title: HOSTILE, width: 2000, height: 600 }),
    );
    expect(error).toBeNull();
    expect(names).not.toContain('script');
    expect(title).toBe('</title><script>alert(1)</script> "&\' ]]> \ufffd\ufffd\ufffd 名前');
    expect(texts).toContain(title);
  });

  it('takes at most 40 KB for a day of minutes, whatever its size and lines', () => {
    for (const [width, height] of SIZES) {
      for (const lines of ['merged', 'locations'] as const) {
        const bytes = new TextEncoder().encode(chartSvg(day, { ...usual, width, height, lines }));
        expect(bytes.length).toBeLessThanOrEqual(40 * 1024);
      }
    }
  });

  it('says in words what is drawn: figures, range, legend', async () => {
    const { texts } = await parsed(chartSvg(day, usual));
    expect(texts).toContain('db.example.org');
    expect(texts.join(' ')).toMatch(
      /Up 95\.652 % · Down 4\.35 % · Unknown 4\.17 % · Average RTT \d+ ms/,
    );
    expect(texts).toContain('20 Nov 2026, 09:00 to 21 Nov 2026, 09:00 UTC');
    for (const word of ['Down', 'Degraded', 'Unknown']) expect(texts).toContain(word);
    expect(chartSvg(day, usual)).toContain('Down once: 20 Nov 2026, 13:00 for 1 h');
  });

  it('tells a status by a hatch as well as by a colour', () => {
    const svg = chartSvg(day, usual);
    const hatches = ['down', 'degraded', 'unknown'].map(
      (status) => new RegExp(`<pattern id="c7l-${status}".*?</pattern>`).exec(svg)?.[0],
    );
    const shapes = hatches.map((hatch) => / d="([^"]*)" stroke=/.exec(hatch ?? '')?.[1]);
    expect(new Set(shapes).size).toBe(3);
    expect(shapes).not.toContain(undefined);
  });

  it('names the locations whose lines it draws', async () => {
    const { texts } = await parsed(chartSvg(day, { ...usual, lines: 'locations' }));
    for (const name of ['Home', 'Office', 'Frankfurt']) expect(texts).toContain(name);
  });

  it('cuts what is above a fixed scale, and says so', async () => {
    const { texts } = await parsed(chartSvg(day, { ...usual, scale: { maxMs: 20 } }));
    expect(texts.join(' ')).toMatch(/Peaks are cut, the highest is \d+ ms/);
    expect(texts).toContain('20 ms');
  });

  it('draws what a script measured, with its unit', async () => {
    const points = day.merged.points.map(({ at }, i) => ({ at, value: 40 + (i % 20) }));
    const given = { ...day, metrics: [{ name: 'disk', unit: '%', points }] };
    const { texts } = await parsed(chartSvg(given, { ...usual, lines: { metric: 'disk' } }));
    expect(texts).toContain('disk');
    expect(texts).toContain('60 %');
  });

  it('says that there is no data in this range', async () => {
    const { texts } = await parsed(chartSvg(empty, usual));
    expect(texts).toContain('No data in this range');
    expect(texts.join(' ')).not.toMatch(/\d ms|NaN/);
  });

  it('tells of hours that cannot be read', async () => {
    const { texts } = await parsed(chartSvg({ ...day, corrupt: [TO - HOUR] }, usual));
    expect(texts.join(' ')).toContain('1 hour cannot be read');
  });

  it('keeps its words on the picture and apart from each other', async () => {
    for (const [width, height] of [
      [280, 180],
      [358, 260],
      [960, 320],
      [2000, 1200],
    ] as const) {
      await page.setContent(
        chartSvg(day, { ...usual, width, height, timeZone: 'America/New_York' }),
      );
      const misplaced = await page.evaluate(MISPLACED);
      expect(misplaced).toEqual([]);
    }
  });
});
