/** Time and chance. Timers are the system's own. */
export interface Clock {
  /** Milliseconds that never go back. */
  now(): number;
  /** From 0 up to 1, for the length of pauses. */
  random(): number;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  random: () => Math.random(),
};
