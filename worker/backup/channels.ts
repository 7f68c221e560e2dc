// Channels by kind and name, rules by all they say.
import type { InStatement } from '@libsql/client';
import * as z from 'zod';
import { parseInput, refuseField } from '#worker/actions/parse.ts';
import { storedMatch } from '#worker/actions/rules/input.ts';
import { secretFields } from '#worker/notify/channel.ts';
import {
  CHANNEL_KINDS,
  CHANNELS,
  type ChannelKindName,
  isChannelKind,
} from '#worker/notify/index.ts';
import type { Platform } from '#worker/platform.ts';
import type { BackupDocument } from './document.ts';
import type { Here } from './here.ts';
import { differing, key, type PartPlan, pair } from './match.ts';

export interface ChannelsPlan extends PartPlan {
  statements: InStatement[];
}

export function planChannels(
  platform: Platform,
  document: BackupDocument,
  here: Here,
  hostIds: ReadonlyMap<number, number>,
  replace: boolean,
): ChannelsPlan {
  const plan: ChannelsPlan = { changes: [], warnings: [], statements: [] };
  const keyOf = ({ kind, name }: { kind: string; name: string }) => key(kind, name);
  const { pairs, left } = pair(document.channels, here.channels, keyOf, keyOf);
  const ids = new Map<number, number>();
  for (const [index, { theirs, ours }] of pairs.entries()) {
    const id = planChannel(platform, plan, here, { theirs, ours }, `channels[${index}]`);
    ids.set(theirs.id, id);
  }
  for (const { id, name } of left) {
    plan.changes.push({ what: 'channel', name, change: replace ? 'removed' : 'left' });
    if (replace) plan.statements.push(...removeStatements(id));
  }
  const gone = new Set(replace ? left.map(({ id }) => id) : []);
  planRules(plan, document, here, { ids, hostIds, gone, replace });
  return plan;
}

type ChannelEntry = BackupDocument['channels'][number];

interface Pair {
  theirs: ChannelEntry;
  ours: Here['channels'][number] | null;
}

function planChannel(
  platform: Platform,
  plan: ChannelsPlan,
  here: Here,
  { theirs, ours }: Pair,
  at: string,
): number {
  const { name, kind } = theirs;
  const config = parsedConfig(kind, theirs.settings, at);
  const locked = lacksSecrets(kind as ChannelKindName, config, ours?.secrets ?? '');
  const enabled = theirs.enabled && !locked;
  if (locked && theirs.enabled) {
    plan.warnings.push(
      `The channel ${name} is off: a backup has no secrets; give it its own again and switch it on`,
    );
  }
  if (ours === null) {
    const id = here.channels.length === 0 ? theirs.id : here.nextId('channel');
    plan.changes.push({ what: 'channel', name, change: 'created' });
    plan.statements.push({
      sql: `insert into channel (id, name, kind, config, secrets, enabled, created_at) values (?, ?, ?, ?, '', ?, ?)`,
      args: [id, name, kind, JSON.stringify(config), enabled ? 1 : 0, platform.now()],
    });
    return id;
  }
  const fields = differing({ ...ours.config, enabled: ours.enabled }, { ...config, enabled });
  if (fields.length === 0) {
    plan.changes.push({ what: 'channel', name, change: 'left' });
    return ours.id;
  }
  plan.changes.push({ what: 'channel', name, change: 'changed', fields });
  plan.statements.push({
    sql: 'update channel set config = ?, enabled = ? where id = ?',
    args: [JSON.stringify(config), enabled ? 1 : 0, ours.id],
  });
  return ours.id;
}

/** The settings that may be shown, by the schema of the kind; a secret among them is refused. */
function parsedConfig(kind: string, settings: unknown, at: string): Record<string, unknown> {
  if (!isChannelKind(kind)) {
    const known = CHANNEL_KINDS.map((each) => `"${each}"`).join(', ');
    throw refuseField(`${at}.kind`, `is "${kind.slice(0, 40)}"; it must be one of ${known}`);
  }
  const { schema } = CHANNELS[kind];
  const secret = secretFields(schema);
  const shown = Object.entries(schema.shape).filter(([name]) => !secret.includes(name));
  const index = at.replace(/\D/g, '');
  const wrapped = z.strictObject({
    [`channels[${index}]`]: z.strictObject({ settings: z.strictObject(Object.fromEntries(shown)) }),
  });
  const parsed = parseInput(wrapped, { [`channels[${index}]`]: { settings } });
  const config = Object.values(parsed)[0]?.settings as Record<string, unknown>;
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));
}

function lacksSecrets(
  kind: ChannelKindName,
  config: Record<string, unknown>,
  stored: string,
): boolean {
  return stored === '' && !CHANNELS[kind].schema.safeParse(config).success;
}

function removeStatements(id: number): InStatement[] {
  return [
    { sql: 'delete from rule where channel_id = ?', args: [id] },
    {
      sql: `update delivery set status = 'failed', last_error = 'the channel was removed'
            where channel_id = ? and status = 'owed'`,
      args: [id],
    },
    { sql: 'delete from channel where id = ?', args: [id] },
  ];
}

interface RuleWorld {
  /** Of channels, from the backup to here. */
  ids: ReadonlyMap<number, number>;
  hostIds: ReadonlyMap<number, number>;
  /** Channels that go, and their rules with them. */
  gone: ReadonlySet<number>;
  replace: boolean;
}

function planRules(
  plan: ChannelsPlan,
  document: BackupDocument,
  here: Here,
  world: RuleWorld,
): void {
  const wanted = document.rules.map((rule, index) => {
    const channelId = world.ids.get(rule.channelId);
    if (channelId === undefined) {
      throw refuseField(
        `rules[${index}].channelId`,
        `is ${rule.channelId}; no channel of the backup has this id`,
      );
    }
    const hosts = rule.match.hosts?.map((id, at) => {
      const mapped = world.hostIds.get(id);
      if (mapped !== undefined) return mapped;
      throw refuseField(
        `rules[${index}].match.hosts[${at}]`,
        `is ${id}; no host of the backup has this id`,
      );
    });
    const match = storedMatch({ ...rule.match, hosts });
    return { channelId, match, from: rule.from, fleet: rule.fleet };
  });
  const keyOf = ({ channelId, match, from, fleet }: (typeof wanted)[number]) =>
    key(channelId, JSON.stringify([match.groups ?? [], match.hosts ?? []]), from, fleet ? 1 : 0);
  const staying = here.rules.filter(({ channelId }) => !world.gone.has(channelId));
  const { pairs, left } = pair(wanted, staying, keyOf, keyOf);
  const names = new Map(here.channels.map(({ id, name }) => [id, name]));
  for (const { id, name } of document.channels) names.set(world.ids.get(id) ?? 0, name);
  const nameOf = (channelId: number) => `for ${names.get(channelId) ?? channelId}`;
  for (const { theirs, ours } of pairs) {
    const { channelId, match, from, fleet } = theirs;
    plan.changes.push({ what: 'rule', name: nameOf(channelId), change: ours ? 'left' : 'created' });
    if (ours) continue;
    plan.statements.push({
      sql: 'insert into rule (channel_id, match, from_status, fleet) values (?, ?, ?, ?)',
      args: [channelId, JSON.stringify(match), from, fleet ? 1 : 0],
    });
  }
  for (const { id, channelId } of left) {
    const change = world.replace ? ('removed' as const) : ('left' as const);
    plan.changes.push({ what: 'rule', name: nameOf(channelId), change });
    if (world.replace) plan.statements.push({ sql: 'delete from rule where id = ?', args: [id] });
  }
}
