/** Room `events`: facts in topics, shared out to consumer groups. Hints only; the catalog is the truth. */
export type {
  Burial,
  CommitReport,
  Consumer,
  DeadLetter,
  EventBus,
  Follower,
  GroupInfo,
  GroupPosition,
  JoinOptions,
  Message,
  NewMessage,
  TopicInfo,
  TrimRule,
} from './event-bus.ts'
export { factMaker, type Fact, type FactDetails } from './fact.ts'
export { memoryEventBus, type BusOptions } from './memory.ts'
export { checkBusFile } from './sqlite/schema.ts'
export { sqliteEventBus } from './sqlite/sqlite-bus.ts'
