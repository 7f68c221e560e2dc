// Instants: absolute and in UTC without JavaScript; an island puts them into the reader's zone.
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** "21 Nov 2026, 09:31 UTC" */
export function shortUtc(time: Date): string {
  const day = `${time.getUTCDate()} ${MONTHS[time.getUTCMonth()]} ${time.getUTCFullYear()}`;
  return `${day}, ${time.toISOString().slice(11, 16)} UTC`;
}

/** `relative`: the island may say "2 min ago" instead, with the exact time as its title. */
export function Time({ at, relative = false }: { at: number; relative?: boolean }) {
  const time = new Date(at);
  return (
    <time
      datetime={`${time.toISOString().slice(0, 19)}Z`}
      {...(relative && { 'data-relative': '' })}
    >
      {shortUtc(time)}
    </time>
  );
}
