// How what was taken goes out: alone, as a digest, or not yet. Pure.
import { type Claim, type Owed, streamOf } from './claim.ts';
import type { Limits } from './limits.ts';

/** Deliveries of one channel that go out as one message. */
export interface Bundle {
  channelId: number;
  deliveries: Owed[];
}

/** A delivery given back; `dueAt` when it is to be looked at again, null = unchanged. */
export interface Held {
  id: number;
  dueAt: number | null;
  earlierToken: string;
}

export function holdUntil({ id, earlierToken }: Owed, dueAt: number | null): Held {
  return { id, dueAt, earlierToken };
}

export interface Plan {
  /** Oldest first. */
  bundles: Bundle[];
  held: Held[];
  failed: Array<{ id: number; reason: string }>;
  /** Those of `held` that wait for company, and until when. */
  company: { ids: number[]; untilAt: number | null };
}

/** Decides about everything taken; at most `calls` bundles. */
export function planRound(claim: Claim, limits: Limits, calls: number): Plan {
  const plan: Plan = { bundles: [], held: [], failed: [], company: { ids: [], untilAt: null } };
  const byChannel = Map.groupBy(claim.owed, ({ channelId }) => channelId);
  for (const [channelId, owed] of byChannel) {
    const reason = whyNever(claim, channelId);
    if (reason !== null) plan.failed.push(...owed.map(({ id }) => ({ id, reason })));
    else planChannel(plan, claim, limits, channelId, owed);
  }
  plan.bundles.sort((a, b) => firstId(a) - firstId(b));
  for (const bundle of plan.bundles.splice(calls)) giveBack(plan, bundle.deliveries);
  return plan;
}

function whyNever({ channels }: Claim, channelId: number): string | null {
  const channel = channels.get(channelId);
  if (!channel) return 'the channel was deleted';
  return channel.enabled ? null : 'the channel is disabled';
}

function planChannel(
  plan: Plan,
  claim: Claim,
  limits: Limits,
  channelId: number,
  owed: Owed[],
): void {
  const fit: Owed[] = [];
  for (const each of owed) {
    const blocker = claim.blockers.find(
      ({ channelId: channel, stream, id }) =>
        channel === channelId && stream === streamOf(each.notice) && id < each.id,
    );
    if (blocker) plan.held.push(holdUntil(each, blocker.dueAt));
    else if (isGivenUp(each, claim.at, limits))
      plan.failed.push({ id: each.id, reason: gaveUp(each) });
    else fit.push(each);
  }
  const ready = fit.map((each) => (isUntried(each, fit) ? { ...each, earlierToken: '' } : each));
  const again = ready.find(({ earlierToken }) => earlierToken !== '')?.earlierToken;
  if (again !== undefined) {
    // What was tried before goes first and in the same shape, so that a channel that saw it already can tell.
    const [tried, others] = partition(ready, ({ earlierToken }) => earlierToken === again);
    plan.bundles.push(...bundlesOf(channelId, tried, limits));
    giveBack(plan, others);
    return;
  }
  const untilAt = companyUntil(ready, claim.lastSentAt.get(channelId), limits);
  if (untilAt !== null && untilAt > claim.at) {
    giveBack(plan, ready);
    plan.company.ids.push(...ready.map(({ id }) => id));
    plan.company.untilAt = Math.min(untilAt, plan.company.untilAt ?? untilAt);
    return;
  }
  plan.bundles.push(...bundlesOf(channelId, ready, limits));
}

/** Its token is of somebody who took it and then had to let it wait: an earlier one of its stream was not among them. */
function isUntried(one: Owed, owed: readonly Owed[]): boolean {
  const stream = streamOf(one.notice);
  return owed.some(
    ({ id, notice, earlierToken }) =>
      id < one.id && earlierToken !== one.earlierToken && streamOf(notice) === stream,
  );
}

/** Until when a few wait for more; null = not at all: the channel was quiet, or they are many already. */
function companyUntil(
  ready: Owed[],
  lastSentAt: number | undefined,
  { digestFrom, windowMs }: Limits,
): number | null {
  if (ready.length === 0 || ready.length >= digestFrom || lastSentAt === undefined) return null;
  const oldestAt = Math.min(...ready.map(({ createdAt }) => createdAt));
  return Math.min(oldestAt, lastSentAt) + windowMs;
}

function bundlesOf(channelId: number, deliveries: Owed[], { digestFrom }: Limits): Bundle[] {
  if (deliveries.length >= digestFrom) return [{ channelId, deliveries }];
  return deliveries.map((each) => ({ channelId, deliveries: [each] }));
}

/** Every delivery gets one attempt, however late. */
function isGivenUp({ attempts, earlierToken, createdAt }: Owed, now: number, limits: Limits) {
  return (attempts > 0 || earlierToken !== '') && now - createdAt > limits.maxAgeMs;
}

function gaveUp({ attempts, lastError }: Owed): string {
  return `given up after a day and ${attempts} attempts: ${lastError ?? 'the sender died each time'}`;
}

function giveBack(plan: Plan, deliveries: Owed[]): void {
  plan.held.push(...deliveries.map((each) => holdUntil(each, null)));
}

function firstId({ deliveries }: Bundle): number {
  return deliveries[0]?.id ?? 0;
}

function partition<T>(items: T[], test: (item: T) => boolean): [yes: T[], no: T[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}
