// What a runner signs with every call (docs/protocol.md).
import * as z from 'zod';

/** Longest life of a signed call. */
export const MAX_TOKEN_AGE_S = 60;

export const STREAMS = ['live', 'late'] as const;
export type Stream = (typeof STREAMS)[number];

export const runnerClaimsSchema = z.object({
  iss: z.string().min(1).max(64),
  aud: z.string().min(1).max(512),
  htm: z.string(),
  htu: z.string(),
  iat: z.int(),
  exp: z.int(),
  jti: z.string().min(8).max(64),
  /** base64url SHA-256 of the body bytes as sent (of nothing for GET). */
  body: z.string(),
  shard: z.int().min(0).max(65_535).optional(),
  stream: z.enum(STREAMS).optional(),
  seq: z.int().min(0).optional(),
  boot: z.string().min(1).max(64).optional(),
});

export type RunnerClaims = z.output<typeof runnerClaimsSchema>;

/** The claims that only a post of results carries, all of them required there. */
export const resultClaimsSchema = runnerClaimsSchema.required({
  shard: true,
  stream: true,
  seq: true,
  boot: true,
});

export type ResultClaims = z.output<typeof resultClaimsSchema>;
