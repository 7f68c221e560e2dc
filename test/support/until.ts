/** Looks again and again until what it sees is as wanted; rejects with the last seen after `withinMs`. */
export async function until<T>(
  look: () => T | Promise<T>,
  wanted: (seen: T) => boolean,
  withinMs = 30_000,
): Promise<T> {
  const end = Date.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (wanted(seen)) return seen;
    if (Date.now() > end) throw new Error(`not within ${withinMs} ms: ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
