// What a page says after something was done: the address carries the code, never the words.
const SAID = {
  'host.created': 'The host is saved. Its first result appears as soon as a runner has looked.',
  'host.updated': 'The host is saved.',
  'host.paused': 'The host is paused: nothing looks at it until it is resumed.',
  'host.resumed': 'The host is watched again.',
  'host.removed': 'The host is deleted.',
  'check.updated': 'The check is saved; runners take it up within seconds.',
  'check.own_machine':
    'The check is saved. Its target means the runner’s own machine, so each location looks at a different one.',
  'check.from_worker':
    'The check is saved, and the worker itself looks at it. What it has room for is told under Usage.',
  'check.set': 'The status is set.',
  'check.renewed': 'The heartbeat has another address; the one before is taken no more.',
  'check.removed': 'The check is deleted.',
  'runner.updated': 'The runner is saved.',
  'runner.approved': 'The runner is approved; it starts to measure within seconds.',
  'runner.disabled': 'The runner is disabled: it keeps its key, but has no vote.',
  'runner.enabled': 'The runner is enabled.',
  'runner.revoked': 'The runner is revoked: its key opens nothing any more.',
  'join_policy.updated': 'Saved: from now on runners join that way.',
  'code.revoked': 'The join code is withdrawn.',
  'location.updated': 'The location is saved.',
  'location.removed': 'The location is deleted.',
  'channel.created': 'The channel is saved. Send a test to see that it arrives.',
  'channel.updated': 'The channel is saved.',
  'channel.removed': 'The channel is deleted.',
  'rule.created': 'The rule is saved.',
  'rule.updated': 'The rule is saved.',
  'rule.removed': 'The rule is deleted.',
  'maintenance.created': 'The maintenance is announced.',
  'maintenance.updated': 'The maintenance is saved.',
  'maintenance.removed': 'The maintenance is taken back: what happened in it counts again.',
  'retention.updated': 'Saved: history is kept for that long from now on.',
  'from_worker.on':
    'The worker looks itself from now on: at what names the location “This worker”.',
  'from_worker.off': 'The worker looks at nothing itself any more.',
  'settings.updated': 'The settings are saved.',
  'backup.restored': 'The backup is restored.',
  'token.revoked': 'The token is revoked: it opens nothing any more.',
  'signed.in': 'You are signed in.',
  'signed.out': 'You are signed out.',
} as const;

export type SaidCode = keyof typeof SAID;

/** The words for a code out of an address; null for anything else. */
export function saidWords(code: string | undefined): string | null {
  return code !== undefined && Object.hasOwn(SAID, code) ? SAID[code as SaidCode] : null;
}
