import { appendFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { sqliteEventBus } from './sqlite-bus.ts'

/**
 * A process of a consumer group: what it handled stands in a file before it is committed. Its pace
 * leaves time to kill it between the two.
 */
const [path = '', out = '', leaseMs = ''] = process.argv.slice(2)
const bus = sqliteEventBus(path)
const consumer = await bus.join({ topic: 't', group: 'g', leaseMs: Number(leaseMs) })
process.stdout.write('ready\n')
for (;;) {
  const found = await consumer.poll(40)
  const numbers = found.map(({ fact }) => `${String(fact.data['n'])}\n`)
  appendFileSync(out, numbers.join(''))
  await setTimeout(5)
  await consumer.commit(found)
}
