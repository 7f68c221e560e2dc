/** One line of printable text: names and particulars come from outside. */
export function oneLine(text: string, max = 80): string {
  const flat = text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return shortened(flat, max);
}

/** At most `max` characters, and told when some are missing; none is torn in two. */
export function shortened(text: string, max: number): string {
  if (text.length <= max) return text;
  return `${text.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** As a sentence begins; a name at its beginning (a word with a dot, a colon or a slash in it) stays as it is. */
export function capital(text: string): string {
  if (/^\S*[^\s.:/][.:/][^\s]/.test(text)) return text;
  return text.charAt(0).toUpperCase() + text.slice(1);
}
