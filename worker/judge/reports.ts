// Messages about hosts that must report. A silent runner is one message, however many hosts fall silent with it, and it
// goes to whoever is told of silent runners too: the tick leaves such a runner out (worker/tick/writePulse.ts).
import type { Rule } from '#core/routing.ts';
import type { Change } from './decide.ts';
import type { AddressedNotice } from './notices.ts';

export class Reports {
  readonly #fleetChannels: number[];
  readonly #first = new Map<string, AddressedNotice>();

  constructor(rules: readonly Rule[]) {
    this.#fleetChannels = rules.filter(({ fleet }) => fleet).map(({ channelId }) => channelId);
  }

  /** The notice that is owed; none when it became part of an earlier one about the same runner. */
  take({ check }: Change, addressed: AddressedNotice): AddressedNotice[] {
    const { notice } = addressed;
    if (notice.type !== 'check') return [addressed];
    const about = `${check.runnerId} ${notice.to}`;
    const channelIds = [...new Set([...addressed.channelIds, ...this.#fleetChannels])];
    const first = this.#first.get(about);
    if (first?.notice.type !== 'check') {
      const own = {
        notice: { ...notice, subject: { ...notice.subject, checkName: '' } },
        channelIds,
      };
      this.#first.set(about, own);
      return [own];
    }
    first.notice.withIt = [...(first.notice.withIt ?? []), notice.subject.hostName];
    first.channelIds = [...new Set([...first.channelIds, ...channelIds])];
    return [];
  }
}
