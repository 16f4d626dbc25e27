/**
 * Question: how many messages a second does the bus take and give? Rows of a list are published and
 * consumed 1,000 at a time, each publish durable. Yardstick: the same rows, one SQLite row each, in
 * transactions of 1,000. To reach: 100,000 messages a second published, and as many consumed.
 */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { factMaker, sqliteEventBus, type NewMessage } from '../src/events/index.ts'
import { systemClock, systemRandom } from '../src/util/index.ts'
import { inScratch } from './dataset.ts'
import { inTurns, machine, measure, report, scaled } from './harness.ts'

const count = scaled(500_000)
const size = Math.min(1000, count)
const at = { topic: 'ingest.rows/default/images', group: 'ingest' }
const makeFact = factMaker('/ingest', systemClock, systemRandom)

function rowsFrom(first: number): readonly NewMessage[] {
  return Array.from({ length: size }, (_, i) => {
    const row = first + i
    const url = `https://images.example.org/albums/${row % 977}/photo-${row}.jpg?width=1024`
    const data = { row, list: 1, position: row, url, caption: `A photograph, number ${row}` }
    return { key: url, fact: makeFact({ type: 'row.enqueued', data }) }
  })
}

await inScratch(async (directory) => {
  const batches = Array.from({ length: Math.ceil(count / size) }, (_, i) => rowsFrom(i * size))
  const total = batches.length * size
  let files = 0
  let path = ''
  const plain = () => {
    const database = new DatabaseSync(join(directory, `plain-${++files}.sqlite`))
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    database.exec('CREATE TABLE event (id INTEGER PRIMARY KEY, topic TEXT, key TEXT, value TEXT)')
    const insert = database.prepare('INSERT INTO event (topic, key, value) VALUES (?, ?, ?)')
    for (const batch of batches) {
      database.exec('BEGIN')
      for (const { key, fact } of batch) insert.run(at.topic, key ?? null, JSON.stringify(fact))
      database.exec('COMMIT')
    }
    database.close()
  }
  const publish = async () => {
    const bus = sqliteEventBus((path = join(directory, `bus-${++files}.sqlite`)))
    for (const batch of batches) await bus.publish(at.topic, batch)
    await bus.close()
  }
  const consume = async () => {
    const bus = sqliteEventBus(path)
    const consumer = await bus.join(at)
    let got = 0
    for (let some = await consumer.poll(size); some.length > 0; some = await consumer.poll(size)) {
      got += some.length
      await consumer.commit(some)
    }
    if (got !== total || (await bus.lag(at)) > 0) throw new Error(`${got} of ${total} came`)
    await bus.close()
  }
  const found = await inTurns([
    { name: 'one row for each message', run: () => measure(plain) },
    { name: 'publish', run: () => measure(publish) },
    { name: 'poll and commit', run: () => measure(consume) },
  ])
  const rate = (name: string) => Math.round(total / (found.get(name)?.wallSeconds ?? Number.NaN))
  report({
    question: `The bus with ${total} messages, ${size} at a time (${machine()})`,
    rows: [...found].map(([name, measured]) => ({ name, ...measured })),
    goals: ['publish', 'poll and commit'].map((name) => ({
      goal: `${name} >= 100,000/s`,
      reached: `${rate(name)}/s`,
      met: rate(name) >= 100_000,
    })),
  })
})
