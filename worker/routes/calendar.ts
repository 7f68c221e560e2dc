// `/maintenance.ics`: planned work as a calendar to subscribe to (RFC 5545). As public as the status page.
import { Hono } from 'hono';
import { etag } from 'hono/etag';
import type { Env } from '#worker/platform.ts';
import { keepForAnyone } from './kept.ts';

/** What is over stays in calendars for so long. */
const SHOWN_MS = 90 * 86_400_000;
const LINE_BYTES = 74;

export const calendar = new Hono<Env>();

calendar.get('/maintenance.ics', etag(), async (c) => {
  const { db, config, now } = c.env;
  const { rows } = await db.$client.execute({
    sql: `select id, title, note, from_at, until_at, created_at, changed_at from maintenance
          where until_at > ? order by until_at limit 500`,
    args: [now() - SHOWN_MS],
  });
  const { host } = new URL(config.url);
  const events = rows.flatMap((row) => [
    'BEGIN:VEVENT',
    `UID:maintenance-${Number(row.id)}@${host}`,
    `DTSTAMP:${utc(row.changed_at)}`,
    `CREATED:${utc(row.created_at)}`,
    `LAST-MODIFIED:${utc(row.changed_at)}`,
    `DTSTART:${utc(row.from_at)}`,
    `DTEND:${utc(row.until_at)}`,
    `SUMMARY:${escaped(String(row.title))}`,
    ...(row.note === '' ? [] : [`DESCRIPTION:${escaped(String(row.note))}`]),
    `URL:${config.url}/`,
    'TRANSP:TRANSPARENT',
    'END:VEVENT',
  ]);
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Anyup//Maintenance//EN',
    'X-WR-CALNAME:Maintenance',
    ...events,
    'END:VCALENDAR',
  ];
  keepForAnyone(c);
  return c.body(lines.map((line) => `${folded(line)}\r\n`).join(''), 200, {
    'content-type': 'text/calendar; charset=UTF-8',
  });
});

function utc(at: unknown): string {
  const iso = new Date(Number(at)).toISOString();
  return `${iso.slice(0, 19).replace(/[-:]/g, '')}Z`;
}

function escaped(text: string): string {
  return text.replace(/[\\;,]/g, '\\$&').replace(/\r\n|\r|\n/g, '\\n');
}

/** Lines of at most 75 octets, never cut within a letter. */
function folded(line: string): string {
  const encoder = new TextEncoder();
  let text = '';
  let used = 0;
  for (const letter of line) {
    const size = encoder.encode(letter).length;
    if (used + size > LINE_BYTES) {
      text += '\r\n ';
      used = 1;
    }
    text += letter;
    used += size;
  }
  return text;
}
