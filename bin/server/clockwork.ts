// What happens by time in a long-lived process: the tick, and sending the messages that are due.
import { dispatch } from '#worker/dispatch.ts';
import type { Platform } from '#worker/platform.ts';
import { tick } from '#worker/tick/tick.ts';

export interface Clockwork {
  /** There may be messages to send: look soon. */
  nudge: () => void;
  /** Resolves when nothing of it runs any more. */
  stop: () => Promise<void>;
}

const LONGEST_MS = 60_000;

/** Ticks at once and then every `tickMs`, never two at a time; dispatches after each tick, on a nudge and when due. */
export function startClockwork(platform: Platform, tickMs: number): Clockwork {
  let stopped = false;
  let tickTimer: NodeJS.Timeout | undefined;
  let dispatchTimer: NodeJS.Timeout | undefined;
  let sending: Promise<void> | null = null;
  let again = false;

  async function guarded(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const { message, stack } = error as Error;
      platform.log('error', `${what}: ${message}`, { stack });
    }
  }

  async function ticking(): Promise<void> {
    await guarded('tick', () => tick(platform));
    nudge();
    if (!stopped) tickTimer = setTimeout(next, tickMs);
  }

  function nudge(): void {
    if (stopped) return;
    again = true;
    clearTimeout(dispatchTimer);
    sending ??= send().finally(() => {
      sending = null;
    });
  }

  async function send(): Promise<void> {
    while (again && !stopped) {
      again = false;
      await guarded('dispatch', async () => {
        const { nextDueAt } = await dispatch(platform);
        if (nextDueAt === null || stopped || again) return;
        const waitMs = Math.min(LONGEST_MS, Math.max(100, nextDueAt - platform.now()));
        dispatchTimer = setTimeout(nudge, waitMs);
      });
    }
  }

  let running = ticking();
  function next(): void {
    running = ticking();
  }
  return {
    nudge,
    stop: async () => {
      stopped = true;
      clearTimeout(tickTimer);
      clearTimeout(dispatchTimer);
      await Promise.all([running, sending]);
    },
  };
}
