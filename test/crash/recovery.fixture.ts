import type { MemoryFiles } from '../../src/storage/index.ts'
import { copyOf } from '../../src/storage/testing.ts'
import { Recorder, type History } from './history.fixture.ts'
import { openOver } from './memory-store.fixture.ts'
import { seededRandom } from './seeded.fixture.ts'
import { put } from './steps.fixture.ts'
import { worldOf } from './world.fixture.ts'

/** A disk that a first power cut left, and what had been acknowledged before. */
export interface FoundDisk {
  readonly files: MemoryFiles
  readonly acknowledged: number
}

/** Opening such a disk and going on with it: what is found once must never go away again. */
export async function recordRecovery(
  name: string,
  first: History,
  { files, acknowledged }: FoundDisk,
): Promise<History> {
  const probe = await openOver({ files: copyOf(files), random: seededRandom(name) })
  const found = worldOf(probe.store)
  await probe.close()
  const before = first.worlds[acknowledged]
  const recorder = new Recorder(name)
  recorder.copy(files)
  for (const [root, texts] of first.texts) recorder.texts.set(root, texts)
  // What was acknowledged counts until opening resolves; from then on what was found does.
  if (before !== undefined && before !== found) {
    recorder.worlds.push(before)
    recorder.files.mark('0')
  }
  if (before === found) recorder.files.mark(String(recorder.worlds.push(found) - 1))
  await recorder.open()
  await recorder.acknowledge()
  await recorder.store.repos.create('second')
  await recorder.acknowledge()
  await put('second@master', { again: 'after the first crash', large: 'l'.repeat(6000) })(recorder)
  await recorder.acknowledge()
  return recorder.end()
}
