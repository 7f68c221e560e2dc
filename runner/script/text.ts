/** The kept detail of a reading is never longer. */
const MAX_DETAIL = 4096;

/** On one line and without control characters, as a reason has to be. */
export function plain(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').trim();
}

/** The first line that says something, and all after it. */
export function firstLine(text: string): { line: string; rest: string } {
  const [line = '', ...rest] = text.trim().split(/\r?\n/);
  return { line: plain(line), rest: rest.join('\n').trim() };
}

/** What a reading carries for people who look closer; absent when there is nothing. */
export function detailOf(parts: readonly string[]): { detail?: string } {
  const detail = parts
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .join('\n');
  return detail === '' ? {} : { detail: detail.slice(0, MAX_DETAIL) };
}
