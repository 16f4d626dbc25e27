/** Time enters as a value, so that a test can set it and a plan cannot depend on it. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
}

export const systemClock: Clock = { now: () => Date.now() }
