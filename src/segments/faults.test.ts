import { expect, test } from 'vitest'
import { VarveError } from '../model/index.ts'
import { FaultyFiles } from '../storage/testing.ts'
import { digestsOf, openOver, recordTexts, sampleItems } from './store.fixture.ts'

const items = sampleItems(30)

async function addAll(files: FaultyFiles): Promise<void> {
  const store = await openOver(files, { segmentBytes: 24 << 10, bufferBytes: 4 << 10 })
  try {
    await store.addItems('photos', items.slice(0, 15))
    await store.sync()
    await store.addItems('photos', items.slice(15))
    await store.appendRecords([Buffer.from('commit')])
  } finally {
    await store.close()
  }
}

async function checkAll(files: FaultyFiles): Promise<void> {
  const store = await openOver(files.base)
  expect((await store.read(digestsOf(items))).map((b) => Buffer.from(b))).toEqual(
    items.map(({ bytes }) => bytes),
  )
  expect((await recordTexts(store)).at(-1)).toBe('commit')
  expect(store.recovery).toMatchObject({ damage: [], cuts: [] })
  await store.close()
}

for (const code of ['EIO', 'ENOSPC'] as const) {
  test(`${code} at any operation is one clean error, and the same work succeeds afterwards`, async () => {
    let failures = 0
    for (let operation = 1; ; operation++) {
      const files = new FaultyFiles({ operation, code })
      const error: unknown = await addAll(files).catch((error: unknown) => error)
      if (!files.hasFailed) break
      failures++
      expect(error, `operation ${operation}`).toBeInstanceOf(VarveError)
      expect(error).toMatchObject({ code: code === 'EIO' ? 'IO_FAILED' : 'DISK_FULL' })
      await addAll(files)
      await checkAll(files)
    }
    expect(failures).toBeGreaterThan(20)
  })

  test(`after ${code} the store that is open refuses or repeats, and never acknowledges a lost record`, async () => {
    for (let operation = 1; ; operation++) {
      const files = new FaultyFiles({ operation, code })
      const store = await openOver(files, { bufferBytes: 4 << 10 }).catch(() => undefined)
      const acknowledged: string[] = []
      for (let i = 0; i < 6; i++) {
        if (store === undefined) break
        const attempt = async () => {
          await store.addItems('photos', sampleItems(3, i * 3))
          await store.appendRecords([Buffer.from(`commit ${i}`)])
          acknowledged.push(`commit ${i}`)
        }
        await attempt().catch(() => undefined)
      }
      await store?.close()
      const again = await openOver(files.base)
      const texts = await recordTexts(again)
      expect(texts.filter((text) => acknowledged.includes(text))).toEqual(acknowledged)
      await again.read(digestsOf(acknowledged.flatMap((t) => sampleItems(3, Number(t.at(-1)) * 3))))
      if (!files.hasFailed) break
    }
  })
}

test('after an fsync of a directory failed nothing more is acknowledged until the store is reopened', async () => {
  let refused = 0
  for (let operation = 1; ; operation++) {
    const files = new FaultyFiles({ operation, code: 'EIO' })
    const store = await openOver(files)
    const error: unknown = await store
      .addItems('photos', items.slice(0, 1))
      .catch((e: unknown) => e)
    if (!files.hasFailed) break
    if (error instanceof VarveError && error.data['operation'] === 'fsync') {
      refused++
      const adding = store.addItems('others', items.slice(0, 1))
      await expect(adding).rejects.toMatchObject({ code: 'IO_FAILED' })
      await expect(store.appendRecords([Buffer.from('lost?')])).rejects.toThrow('no more writes')
    }
    await store.close()
  }
  expect(refused).toBeGreaterThan(0)
})
