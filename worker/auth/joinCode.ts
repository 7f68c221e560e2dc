// Codes with which runners join: 80 bits, readable aloud, kept only as a hash.
import { sha256 } from '#worker/crypto/hash.ts';

/** No I, L, O, U: nothing to confuse. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A new code as people see it: "7K2M-Q9XD-0VHT-4RNB". */
export function newJoinCode(random: (n: number) => Uint8Array): string {
  let text = '';
  for (const byte of random(16)) text += ALPHABET[byte & 31];
  return (text.match(/.{4}/g) as string[]).join('-');
}

/** What is kept of a code. Case, dashes and spaces do not matter. */
export function hashJoinCode(code: string): Promise<string> {
  return sha256(code.toUpperCase().replace(/[^A-Z0-9]/g, ''));
}
