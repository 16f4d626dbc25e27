import { invariant } from '../../util/index.ts'
import type { Fact } from '../fact.ts'
import type { NewStored, StoredMessage } from '../topic-log.ts'

/** What messages published together mostly share. */
type Header = Pick<Fact, 'source' | 'type' | 'time'>
type Row = readonly [
  id: string,
  data: Fact['data'],
  key?: string | null,
  subject?: string | null,
  attempts?: number | null,
  onlyFor?: string | null,
]

/**
 * A stored batch is JSON: an array of headers `{source, type, time}` and of messages
 * `[id, data, key, subject, attempts, onlyFor]`, trailing nulls left out. A header counts for the
 * messages up to the next one. What all facts have alike is not stored.
 */
export function encodeBatch(messages: readonly NewStored[]): string {
  const parts: (Header | Row)[] = []
  let last: Header | undefined
  for (const message of messages) {
    const { source, type, time } = message.fact
    if (last?.time !== time || last.type !== type || last.source !== source) {
      last = { source, type, time }
      parts.push(last)
    }
    parts.push(rowOf(message))
  }
  return JSON.stringify(parts)
}

/** The reverse; offsets count on from `first`. Throws whatever is wrong with the text. */
export function decodeBatch(
  text: string,
  partition: number,
  first: number,
): readonly StoredMessage[] {
  const messages: StoredMessage[] = []
  let header: Header | undefined
  let offset = first
  for (const part of JSON.parse(text) as readonly (Header | Row)[]) {
    if (isRow(part)) {
      invariant(header !== undefined, 'a stored batch begins without a header')
      messages.push(messageOf(part, header, { partition, offset }))
      offset += 1
    } else header = part
  }
  return messages
}

const isRow = (part: Header | Row): part is Row => Array.isArray(part)

function rowOf({ key, fact, attempts, onlyFor }: NewStored): Row {
  const { id, data, subject } = fact
  if (attempts !== undefined || onlyFor !== undefined) {
    return [id, data, key ?? null, subject ?? null, attempts ?? null, onlyFor ?? null]
  }
  if (subject !== undefined) return [id, data, key ?? null, subject]
  return key === undefined ? [id, data] : [id, data, key]
}

function messageOf(row: Row, header: Header, at: Pick<StoredMessage, 'partition' | 'offset'>) {
  const [id, data, key, subject, attempts, onlyFor] = row
  const { source, type, time } = header
  const fact: Fact = {
    specversion: '1.0',
    id,
    source,
    type,
    time,
    ...(typeof subject === 'string' ? { subject } : {}),
    datacontenttype: 'application/json',
    data,
  }
  return {
    ...at,
    ...(typeof key === 'string' ? { key } : {}),
    fact,
    ...(typeof attempts === 'number' ? { attempts } : {}),
    ...(typeof onlyFor === 'string' ? { onlyFor } : {}),
  }
}
