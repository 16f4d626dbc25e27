import { createInterface } from 'node:readline'
import { openOnDisk } from './disk-store.fixture.ts'
import { text } from './store.fixture.ts'

/** A process that puts one file for each line it reads, and tells the commit once it is acknowledged. */
const { store, close } = await openOnDisk(process.argv[2] ?? '', 'write')
if (!store.repos.exists('r')) await store.repos.create('r')
process.stdout.write('ready\n')
for await (const line of createInterface({ input: process.stdin })) {
  const { id } = await store.files.put('r@master', [text('line', line)])
  process.stdout.write(`${id}\n`)
}
await close()
