// What is said on the instant channel: nothing that counts. A runner that hears LOOK posts at once and finds in the
// answer what is new, as it would with its next flush.

/** From the worker. */
export const LOOK = 'look';
/** From the runner, and the worker's answer: the line still stands. */
export const PING = 'ping';
export const PONG = 'pong';
/** How often a runner says PING. A line that was quiet three times as long is given up by either side. */
export const PING_EVERY_MS = 30_000;
