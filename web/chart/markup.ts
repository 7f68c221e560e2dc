// SVG as text. Every attribute and every text goes through here, and so is escaped.
const SPECIAL: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text that XML may hold: control characters and halves of characters, which it may not, become "�". */
export function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\u{fffd}')
    .replace(/[&<>"']/g, (character) => SPECIAL[character] as string);
}

export type Attributes = Record<string, string | number | undefined>;

/** One element; `inner` is markup already. */
export function tag(name: string, attributes: Attributes, inner = ''): string {
  const written = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined || value === '' ? [] : [` ${key}="${escaped(shown(value))}"`],
  );
  return inner === ''
    ? `<${name}${written.join('')}/>`
    : `<${name}${written.join('')}>${inner}</${name}>`;
}

function shown(value: string | number): string {
  return typeof value === 'number' ? String(Math.round(value * 10) / 10) : value;
}

/** About how wide a line of text is: the sans-serif that will be there is not known. */
export function textWidth(text: string, size: number): number {
  return [...text].length * size * 0.56;
}

/** As much of it as fits, with "…" for the rest. */
export function fitting(text: string, size: number, width: number): string {
  const characters = [...text];
  const room = Math.max(1, Math.floor(width / (size * 0.56)));
  return characters.length <= room ? text : `${characters.slice(0, room - 1).join('')}…`;
}
