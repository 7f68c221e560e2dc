import { sendTest } from '#worker/notify/sendTest.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { byId } from '../fields.ts';
import { parseInput } from '../parse.ts';
import { permit } from '../permit.ts';
import type { TestReceipt } from './model.ts';

/** Sends a test message now and gives the receipt, or why there is none. */
export async function testChannel(
  platform: Platform,
  actor: Actor,
  input: unknown,
): Promise<TestReceipt> {
  permit(actor, 'owner');
  const { id } = parseInput(byId, input);
  return sendTest(platform, id);
}
