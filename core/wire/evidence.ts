// What a runner saw when a check turned for it: one pack of the first bad reading, one of the recovery
// (docs/protocol.md, docs/decisions/0022-evidence.md).
import * as z from 'zod';

/** Of a response body, at most this much is shown. */
export const EVIDENCE_BODY_BYTES = 2048;
export const MAX_ADDRESSES = 16;
export const MAX_CHAIN = 8;
export const MAX_HEADERS = 64;
export const MAX_HOPS = 24;
export const MAX_HEADER_VALUE = 500;
/** Of subjects, issuers and the names of a certificate. */
export const MAX_NAMES = 500;

export const TURNS = ['failure', 'recovery'] as const;
/** What the pack is of: the first bad reading, or the first good one after. */
export type Turn = (typeof TURNS)[number];

export const certificateSchema = z.object({
  subject: z.string().max(MAX_NAMES),
  issuer: z.string().max(MAX_NAMES),
  names: z.string().max(MAX_NAMES),
  notBeforeAt: z.int(),
  notAfterAt: z.int(),
  /** SHA-256, hex. */
  fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
});

/** Why there is no text of a body where there was a body. */
export const WITHHELD = ['private', 'binary', 'packed', 'not_kept'] as const;

const bodySchema = z.object({
  /** As far as it came. */
  bytes: z.int().min(0),
  /** Its beginning; absent when it is withheld. */
  text: z.string().max(EVIDENCE_BODY_BYTES).optional(),
  withheld: z.enum(WITHHELD).optional(),
});

const responseSchema = z.object({
  version: z.string().max(20),
  status: z.int().min(100).max(999),
  headers: z
    .array(z.tuple([z.string().max(100), z.string().max(MAX_HEADER_VALUE)]))
    .max(MAX_HEADERS),
  body: bodySchema.nullable(),
});

/** What was seen on the way to an answer, as far as the way went. */
export const seenSchema = z.object({
  /** What the name resolved to, in the order in which they are tried. */
  addresses: z.array(z.string().max(64)).max(MAX_ADDRESSES),
  /** The one that was talked to; null = none could be. */
  peer: z.string().max(64).nullable(),
  /** The server's certificate and those above it; empty without TLS. */
  chain: z.array(certificateSchema).max(MAX_CHAIN),
  response: responseSchema.nullable(),
  /** The machines on the way there, by hop; null = one that keeps silent. Absent when nobody looked. */
  route: z.array(z.string().max(64).nullable()).max(MAX_HOPS).optional(),
});

export type Evidence = z.output<typeof seenSchema>;

/** `POST /api/v1/runner/evidence` */
export const evidencePackSchema = z.object({
  v: z.literal(1),
  checkId: z.int().min(1),
  turn: z.enum(TURNS),
  /** When the reading was taken that it is of. */
  at: z.int().min(0),
  level: z.int().min(100).max(999),
  code: z.string().regex(/^[a-z0-9_.]{1,64}$/),
  text: z.string().max(200),
  seen: seenSchema,
});

export type EvidencePack = z.output<typeof evidencePackSchema>;

export const evidenceReplySchema = z.object({
  /** Whether it is kept now, from this call or one before. */
  stored: z.boolean(),
  now: z.int(),
});

export type EvidenceReply = z.output<typeof evidenceReplySchema>;
