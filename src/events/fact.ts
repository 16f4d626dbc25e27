import type { Clock, Random } from '../util/index.ts'

/**
 * A fact in the form of CloudEvents 1.0 (https://github.com/cloudevents/spec/blob/v1.0.2), JSON
 * format: something that has happened, in the past tense, never a request to be believed. State is
 * truth and facts are hints: whoever misses one finds the same by looking at the catalog.
 */
export interface Fact {
  readonly specversion: '1.0'
  /** Unique with `source`: a consumer that sees the same pair twice has seen one fact. */
  readonly id: string
  /** Who says so, as a URI reference, for example `/projects/default`. */
  readonly source: string
  /** Noun and past participle: `commit.finished`, `job.failed`. */
  readonly type: string
  /** RFC 3339 in UTC. */
  readonly time: string
  /** What it is about inside the source, for example `images@4f0c…`. */
  readonly subject?: string
  readonly datacontenttype: 'application/json'
  readonly data: Readonly<Record<string, unknown>>
}

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
