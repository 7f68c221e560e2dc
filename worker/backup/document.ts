// A backup of what people set up, as one JSON document: names instead of ids where names are enough, so that it can be
// restored elsewhere and read by people. The same installation gives the same text.
import * as z from 'zod';
import { idField, nameField } from '#worker/actions/fields.ts';
import { groupField } from '#worker/actions/hosts/input.ts';
import { maintenanceFields } from '#worker/actions/maintenances/model.ts';
import { matchField } from '#worker/actions/rules/input.ts';
import { settingsPatch } from '#worker/actions/settings/model.ts';

export const BACKUP_VERSION = 1;

const tags = z.array(z.string().trim().min(1).max(100)).max(100).optional();

/** When it was first watched: its history begins there. */
const createdAt = z.iso
  .datetime({ error: 'is not an instant like "2026-11-21T09:00:00.000Z"' })
  .transform((text) => Date.parse(text))
  .optional();

/** Beside these the fields of a check as the API has them; the runner it is bound to by name. */
const checkEntry = z.looseObject({
  id: idField,
  createdAt,
  /** Of the address that jobs call, so that they need not be told another. */
  addressHash: z
    .string()
    .regex(/^[A-Za-z0-9_-]{43}$/, { message: 'must be a SHA-256 in base64url' })
    .optional(),
  /** What may be secret and was left out. */
  withheld: z.array(z.array(z.string()).min(1)).max(100).optional(),
});

const hostEntry = z.strictObject({
  id: idField,
  name: nameField(),
  group: groupField.default(''),
  paused: z.boolean().default(false),
  tags,
  createdAt,
  checks: z.array(checkEntry).max(100),
});

const locationEntry = z.strictObject({
  id: idField,
  name: nameField(64),
  enabled: z.boolean().default(true),
  tags,
  createdAt,
});

/** Without its secrets. */
const channelEntry = z.strictObject({
  id: idField,
  name: nameField(),
  kind: z.string(),
  enabled: z.boolean().default(true),
  settings: z.looseObject({}),
});

const ruleEntry = z.strictObject({
  channelId: idField,
  match: matchField.default({}),
  from: z.enum(['degraded', 'down']).default('down'),
  fleet: z.boolean().default(false),
});

const time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

const maintenanceEntry = z
  .strictObject({ ...maintenanceFields, from: time, until: time })
  .refine(({ from, until }) => from < until, { path: ['until'], error: 'must be after from' });

export const backupDocument = z.strictObject({
  anyup: z.literal('backup'),
  version: z.literal(BACKUP_VERSION),
  /** History follows, a line a row. */
  history: z.boolean().optional(),
  settings: settingsPatch.default({}),
  locations: z.array(locationEntry).max(1000).default([]),
  hosts: z.array(hostEntry).max(5000).default([]),
  channels: z.array(channelEntry).max(1000).default([]),
  rules: z.array(ruleEntry).max(10_000).default([]),
  maintenances: z.array(maintenanceEntry).max(10_000).default([]),
});

export type BackupDocument = z.output<typeof backupDocument>;
export type HostEntry = BackupDocument['hosts'][number];
export type CheckEntry = HostEntry['checks'][number];
