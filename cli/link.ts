import { createSignInLink } from '#worker/auth/signIn.ts';
import type { Platform } from '#worker/platform.ts';

/** Prints a one-time sign-in link. */
export async function link(platform: Platform, say: (line: string) => void): Promise<void> {
  const { url } = await createSignInLink(platform);
  say(url);
}
