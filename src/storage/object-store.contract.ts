import { describe, expect, test } from 'vitest'
import { isVarveError } from '../model/index.ts'
import type { ObjectStore } from './object-store.ts'

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const chunk of chunks) all.push(chunk)
  return Buffer.concat(all)
}

async function put(store: ObjectStore, key: string, text: string): Promise<void> {
  const appender = await store.openAppender(key)
  await appender.append(Buffer.from(text))
  await appender.sync()
  await appender.close()
}

/** What every adapter of `ObjectStore` must do. */
export function objectStoreContract(name: string, make: () => ObjectStore): void {
  describe(`${name} as an object store`, () => {
    test('what was appended is read back, whole and in part', async () => {
      const store = make()
      await put(store, 'a/b/c', 'hello world')
      expect(Buffer.from(await store.read('a/b/c', 6, 5)).toString()).toBe('world')
      expect((await collect(store.stream('a/b/c', 2))).toString()).toBe('llo world')
      expect((await collect(store.stream('a/b/c', 2, 4))).toString()).toBe('ll')
      expect(await store.size('a/b/c')).toBe(11)
    })

    test('an appender goes on where the object ends', async () => {
      const store = make()
      await put(store, 'log', 'one ')
      const appender = await store.openAppender('log')
      expect(appender.size).toBe(4)
      await appender.append(Buffer.from('two'))
      expect(appender.size).toBe(7)
      await appender.close()
      expect(Buffer.from(await store.read('log', 0, 7)).toString()).toBe('one two')
    })

    test('bytes longer than one chunk stream in order', async () => {
      const store = make()
      const bytes = Buffer.alloc((1 << 20) * 2 + 17, 'varve')
      const appender = await store.openAppender('big')
      await appender.append(bytes)
      await appender.close()
      expect((await collect(store.stream('big'))).equals(bytes)).toBe(true)
    })

    test('many ranges come back in the order asked, whatever their order on disk', async () => {
      const store = make()
      await put(store, 'x', 'abcdefghij')
      await put(store, 'y', 'ABCDEFGHIJ')
      const ranges = [
        { key: 'y', offset: 3, length: 2 },
        { key: 'x', offset: 8, length: 2 },
        { key: 'x', offset: 0, length: 3 },
        { key: 'x', offset: 1, length: 4 },
        { key: 'x', offset: 5, length: 0 },
      ]
      const texts = (await store.readMany(ranges)).map((bytes) => Buffer.from(bytes).toString())
      expect(texts).toEqual(['DE', 'ij', 'abc', 'bcde', ''])
    })

    test('many ranges lie in the memory that was given, and nowhere else', async () => {
      const store = make()
      await put(store, 'x', 'abcdefghij')
      const room = new Uint8Array(64)
      let taken = 0
      const memory = (bytes: number): Uint8Array => room.subarray(taken, (taken += bytes))
      const ranges = [
        { key: 'x', offset: 7, length: 3 },
        { key: 'x', offset: 0, length: 2 },
      ]
      const read = await store.readMany(ranges, memory)
      expect(read.map((bytes) => Buffer.from(bytes).toString())).toEqual(['hij', 'ab'])
      expect(read.every(({ buffer }) => buffer === room.buffer)).toBe(true)
    })

    test('a read past the end fails instead of answering short', async () => {
      const store = make()
      await put(store, 'k', 'abc')
      await expect(store.read('k', 1, 5)).rejects.toSatisfy((e) => isVarveError(e, 'IO_FAILED'))
      await expect(store.readMany([{ key: 'k', offset: 2, length: 2 }])).rejects.toThrow('sooner')
      await expect(collect(store.stream('k', 0, 9))).rejects.toThrow('sooner')
    })

    test('an absent object has no size and reading it names it', async () => {
      const store = make()
      expect(await store.size('none')).toBeUndefined()
      await expect(store.read('none', 0, 1)).rejects.toThrow('none')
      await expect(collect(store.stream('none'))).rejects.toThrow('none')
    })

    test('listing answers every object below a prefix with its size, ordered by key', async () => {
      const store = make()
      for (const key of ['s/b/2', 's/a/1', 's/b/1', 't/1']) await put(store, key, key)
      expect(await store.list('s/')).toEqual([
        { key: 's/a/1', size: 5 },
        { key: 's/b/1', size: 5 },
        { key: 's/b/2', size: 5 },
      ])
      expect((await store.list('s/b/2')).map(({ key }) => key)).toEqual(['s/b/2'])
      expect(await store.list('nothing/')).toEqual([])
    })

    test('a deleted object is gone, and deleting it again is no error', async () => {
      const store = make()
      await put(store, 'k', 'abc')
      await store.read('k', 0, 3)
      await store.delete('k')
      await store.delete('k')
      expect(await store.size('k')).toBeUndefined()
      await expect(store.read('k', 0, 3)).rejects.toThrow('k')
    })

    test('truncation cuts back, and appending goes on from there', async () => {
      const store = make()
      await put(store, 'k', 'abcdef')
      const appender = await store.openAppender('k')
      await appender.truncate(2)
      await appender.append(Buffer.from('Z'))
      await appender.sync()
      await appender.close()
      expect((await collect(store.stream('k'))).toString()).toBe('abZ')
    })

    test('a closed appender takes no more writes', async () => {
      const appender = await make().openAppender('k')
      await appender.close()
      await expect(appender.append(Buffer.from('x'))).rejects.toThrow('closed')
    })
  })
}
