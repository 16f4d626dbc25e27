/** Room `events`: facts in topics, read by consumer groups. Hints only; the catalog is the truth. */
export type { DeadLetter, EventBus, Fact, GroupPosition, Message, NewMessage } from './event-bus.ts'
export { factMaker, type FactDetails } from './fact.ts'
export { memoryEventBus } from './memory.ts'
export { sqliteEventBus } from './sqlite.ts'
