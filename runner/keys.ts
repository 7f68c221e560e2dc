// Who this runner is: an Ed25519 key made here that never leaves, and what the worker called it at enrolment.
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import * as z from 'zod';
import { type PublicKey, publicKeySchema } from '#core/wire/enroll.ts';
import type { RunnerPlatform } from './platform.ts';

const KEY_FILE = 'key.json';
/** A new key while the worker may or may not know it. */
const NEXT_FILE = 'key.next.json';
const IDENTITY_FILE = 'identity.json';

export interface RunnerKey {
  privateKey: KeyObject;
  /** As the worker gets to know it. */
  publicKey: PublicKey;
}

const keySchema = publicKeySchema.extend({ d: z.string().regex(/^[A-Za-z0-9_-]{43}$/) });

const identitySchema = z.object({
  runnerId: z.string(),
  /** What every call is signed for. */
  aud: z.string(),
  name: z.string(),
  location: z.string(),
  /** Where the worker answered when this runner joined. */
  url: z.string(),
  /** Tells a join code that was used already from a new one; the code itself is not kept. */
  joinHash: z.string(),
});

export type Identity = z.output<typeof identitySchema>;

/** A file of the data folder that is there and cannot be used; the message says what to do. */
export class DataError extends Error {}

/** The key in the data folder, made on the first start. */
export async function loadKey({
  disk,
  log,
}: Pick<RunnerPlatform, 'disk' | 'log'>): Promise<RunnerKey> {
  const bytes = await disk.read(KEY_FILE);
  if (bytes === null) {
    const made = generateKeyPairSync('ed25519').privateKey;
    await disk.replace(KEY_FILE, encode(made.export({ format: 'jwk' })));
    return keyOf(made);
  }
  if (await disk.restrict(KEY_FILE)) {
    log(
      'warn',
      `${KEY_FILE} could be read by others; now only by its owner. If somebody may have copied it, revoke this runner and join again with a new data folder.`,
    );
  }
  const parsed = keySchema.safeParse(decode(bytes));
  if (!parsed.success) {
    throw new DataError(
      `${KEY_FILE} in the data folder is not an Ed25519 key; remove it and join again with a new code.`,
    );
  }
  return keyOf(createPrivateKey({ key: parsed.data, format: 'jwk' }));
}

/** The key this runner is about to take, made when there is none: an attempt that got no answer goes on with its own. */
export async function nextKey({ disk }: Pick<RunnerPlatform, 'disk'>): Promise<RunnerKey> {
  const kept = await readKey(disk, NEXT_FILE);
  if (kept) return kept;
  const made = generateKeyPairSync('ed25519').privateKey;
  await disk.replace(NEXT_FILE, encode(made.export({ format: 'jwk' })));
  return keyOf(made);
}

/** The keys in the data folder beside the one given. */
export async function otherKeys(
  { disk }: Pick<RunnerPlatform, 'disk'>,
  held: RunnerKey,
): Promise<RunnerKey[]> {
  const keys = [await readKey(disk, KEY_FILE), await readKey(disk, NEXT_FILE)];
  return keys
    .filter((key) => key !== null)
    .filter(({ publicKey }) => {
      return publicKey.x !== held.publicKey.x;
    });
}

/** From now on this is the runner's key, and the one before is nowhere any more. */
export async function adopt(
  { disk }: Pick<RunnerPlatform, 'disk'>,
  { privateKey, publicKey }: RunnerKey,
): Promise<void> {
  const kept = await readKey(disk, KEY_FILE);
  if (kept?.publicKey.x !== publicKey.x) {
    await disk.replace(KEY_FILE, encode(privateKey.export({ format: 'jwk' })));
  }
  const next = await readKey(disk, NEXT_FILE);
  if (next?.publicKey.x === publicKey.x) await disk.remove(NEXT_FILE);
}

async function readKey(disk: RunnerPlatform['disk'], file: string): Promise<RunnerKey | null> {
  const parsed = keySchema.safeParse(decode((await disk.read(file)) ?? new Uint8Array()));
  return parsed.success ? keyOf(createPrivateKey({ key: parsed.data, format: 'jwk' })) : null;
}

/** Null before the first enrolment. */
export async function loadIdentity({
  disk,
}: Pick<RunnerPlatform, 'disk'>): Promise<Identity | null> {
  const bytes = await disk.read(IDENTITY_FILE);
  if (bytes === null) return null;
  const parsed = identitySchema.safeParse(decode(bytes));
  if (parsed.success) return parsed.data;
  throw new DataError(
    `${IDENTITY_FILE} in the data folder cannot be read; remove it and join again with a new code.`,
  );
}

export async function saveIdentity(
  { disk }: Pick<RunnerPlatform, 'disk'>,
  identity: Identity,
): Promise<void> {
  await disk.replace(IDENTITY_FILE, encode(identity));
}

function keyOf(privateKey: KeyObject): RunnerKey {
  const publicKey = publicKeySchema.parse(privateKey.export({ format: 'jwk' }));
  return { privateKey, publicKey };
}

function encode(value: unknown): Uint8Array {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
}

function decode(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return null;
  }
}
