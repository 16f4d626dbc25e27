import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { PartWriter } from './part-writer.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'varve-part-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Files of the folder that this process has open. */
function openFiles(): readonly string[] {
  return readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${descriptor}`)
      return path.startsWith(folder) ? [path] : []
    } catch {
      // The folder that lists them was itself one of them.
      return []
    }
  })
}

async function* chunksOf(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}

async function* broken(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('some')
  throw new Error('no more')
}

test('of large files streamed into a folder only the one that is written is open', async () => {
  const writer = new PartWriter(folder, undefined)
  for (const name of ['a/1', 'a/2', 'a/3']) {
    await writer.stream(name, chunksOf('one ', name))
    expect(openFiles()).toEqual([])
    expect(readFileSync(join(folder, name), 'utf8')).toBe(`one ${name}`)
  }
  const whole = await writer.open('whole', true)
  expect(openFiles()).toEqual([join(folder, 'whole')])
  await whole.write([Buffer.from('x')])
  expect(await writer.finish()).toBe('9dd4e461268c8034f5c8564e155c67a6')
})

test('a file whose chunks end with a fault is closed when the part is abandoned', async () => {
  const writer = new PartWriter(folder, undefined)
  await expect(writer.stream('a', broken())).rejects.toThrow('no more')
  await writer.abandon()
  expect(openFiles()).toEqual([])
})
