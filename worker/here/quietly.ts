import type { Platform } from '#worker/platform.ts';

/** A round of the worker's own looks, for those who have done their work already; the code is loaded only where they are wanted. */
export async function lookQuietly(
  platform: Platform,
  asked: ReadonlySet<number> | null = null,
): Promise<void> {
  try {
    const { lookFromHere } = await import('./round.ts');
    await lookFromHere(platform, asked);
  } catch (error) {
    const { message } = error as Error;
    platform.log('error', 'the worker could not look; the next tick tries again', { message });
  }
}
