import * as z from 'zod';
import { RUNNER_KIND_NAMES } from '../checks/index.ts';

/** What a runner can measure where it stands, found out at its start. */
export const capabilitiesSchema = z.object({
  kinds: z.array(z.string().max(32)).max(64).default(RUNNER_KIND_NAMES),
  /** How ICMP is sent: `dgram`, `raw`, `fping`, `ping`; null with `icmpReason` when no way works. */
  icmp: z.string().max(32).nullable().default(null),
  icmpReason: z.string().max(300).optional(),
  ipv6: z.boolean().default(false),
  scripts: z.array(z.string().max(128)).max(500).default([]),
});

export type Capabilities = z.output<typeof capabilitiesSchema>;

export const publicKeySchema = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string().regex(/^[A-Za-z0-9_-]{43}$/, { message: 'must be a base64url Ed25519 public key' }),
});

export type PublicKey = z.output<typeof publicKeySchema>;

const name = z
  .string()
  .trim()
  .min(1)
  .max(64)
  .regex(/^[^\p{Cc}]*$/u, { message: 'may not hold control characters' });

/** `POST /api/v1/runner/enroll` */
export const enrollRequestSchema = z.object({
  /** Absent: it asks to join without one. */
  code: z.string().min(16).max(128).optional(),
  publicKey: publicKeySchema,
  name,
  /** Where it stands; the code may name a location itself, which then wins. */
  location: name.optional(),
  version: z.string().max(32),
  capabilities: capabilitiesSchema,
});

export type EnrollRequest = z.output<typeof enrollRequestSchema>;

export const enrollAnswerSchema = z.object({
  /** The `iss` of every later call. */
  runnerId: z.string(),
  /** The `aud` of every later call. */
  aud: z.string(),
  name: z.string(),
  /** Empty: it has no place yet, and no vote. */
  location: z.string(),
  now: z.int(),
});

export type EnrollAnswer = z.output<typeof enrollAnswerSchema>;

/** `POST /api/v1/runner/rotate`, signed by the key in force. */
export const rotateRequestSchema = z.object({ publicKey: publicKeySchema });

export const rotateAnswerSchema = z.object({ runnerId: z.string(), now: z.int() });

export type RotateAnswer = z.output<typeof rotateAnswerSchema>;
