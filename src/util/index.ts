/** Room `util`: helpers without a single word of the domain. */
export { invariant, unreachable } from './assert.ts'
export { inBatches, inSizedBatches, streamInBatches } from './batches.ts'
export { systemClock, type Clock } from './clock.ts'
export { parseDuration } from './duration.ts'
export { Mutex } from './mutex.ts'
export { nearest } from './nearest.ts'
export { systemRandom, type Random } from './random.ts'
export { sqliteFault, type SqliteFault } from './sqlite-fault.ts'
