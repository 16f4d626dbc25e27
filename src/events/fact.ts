import type { Clock, Random } from '../util/index.ts'
import type { Fact } from './event-bus.ts'

export interface FactDetails {
  readonly type: string
  readonly subject?: string
  readonly data?: Readonly<Record<string, unknown>>
}

/** Makes facts of one source: the id from `random`, the time from `clock`. */
export function factMaker(source: string, clock: Clock, random: Random) {
  return (details: FactDetails): Fact => ({
    specversion: '1.0',
    id: random.uuidHex(),
    source,
    type: details.type,
    time: new Date(clock.now()).toISOString(),
    ...(details.subject === undefined ? {} : { subject: details.subject }),
    datacontenttype: 'application/json',
    data: details.data ?? {},
  })
}
