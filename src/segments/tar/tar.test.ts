import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { digestOf } from '../../model/index.ts'
import { DiskObjects } from '../../storage/index.ts'
import { openSegmentStore } from '../index.ts'
import { paxSize, readHeader } from './read-header.ts'
import { headerLength, memberLength, writeHeader } from './write-header.ts'

const digest = digestOf('payload')
const readWithPython = `
import hashlib, json, sys, tarfile
out = []
for path in sys.argv[1:]:
    for member in tarfile.open(path):
        data = tarfile.open(path).extractfile(member).read()
        out.append([member.name, member.size, member.mode, member.mtime, member.isreg(), hashlib.sha256(data).hexdigest()])
print(json.dumps(out))
`

test('a header reads back as it was written, whatever name, size and time', () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[a-z0-9_./-]{1,100}$/),
      fc.nat({ max: 8 ** 11 - 1 }),
      fc.nat({ max: 2 ** 32 }),
      (name, size, mtime) => {
        const block = Buffer.alloc(1024, 0xaa)
        expect(writeHeader(block, 512, { name, size, mtime, digest })).toBe(512)
        const read = { kind: 'member', type: 'file', name, size, link: digest, mtime }
        expect(readHeader(block, 512)).toEqual(read)
      },
    ),
  )
})

test('any flipped bit of a header is noticed', () => {
  const block = Buffer.alloc(512)
  writeHeader(block, 0, { name: `${digest}.jpg`, size: 123, mtime: 1_700_000_000, digest })
  for (let bit = 0; bit < 512 * 8; bit++) {
    block.writeUInt8((block[bit >> 3] ?? 0) ^ (1 << (bit & 7)), bit >> 3)
    expect(readHeader(block, 0).kind, `bit ${bit}`).toBe('invalid')
    block.writeUInt8((block[bit >> 3] ?? 0) ^ (1 << (bit & 7)), bit >> 3)
  }
  expect(readHeader(block, 0).kind).toBe('member')
})

test('a size above eight gibibytes goes into an extended header that Python understands', () => {
  const size = 10 * 2 ** 30
  const header = { name: `${digest}.bin`, size, mtime: 1_700_000_000, digest }
  expect(headerLength(size)).toBe(1536)
  expect(memberLength(size)).toBe(1536 + size)
  const blocks = Buffer.alloc(1536)
  writeHeader(blocks, 0, header)
  expect(readHeader(blocks, 0)).toMatchObject({ type: 'pax', size: 20 })
  expect(paxSize(blocks.subarray(512, 1024))).toBe(size)
  expect(readHeader(blocks, 1024)).toMatchObject({ type: 'file', name: header.name, link: digest })
  const path = join(mkdtempSync(join(tmpdir(), 'varve-tar-')), 'large.tar')
  writeFileSync(path, blocks)
  const script = 'import sys, tarfile; m = tarfile.open(sys.argv[1]).next(); print(m.name, m.size)'
  const read = execFileSync('python3', ['-c', script, path], { encoding: 'utf8' })
  expect(read.trim()).toBe(`${header.name} ${size}`)
})

test('GNU tar and tarfile read every segment of a store, open and sealed, as we wrote it', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'varve-tar-'))
  const clock = { now: () => 1_700_000_000_500 }
  const store = await openSegmentStore({
    objects: new DiskObjects(directory),
    indexPath: join(directory, 'index.sqlite'),
    mode: 'write',
    clock,
    segmentBytes: 20_000,
  })
  const sizes = [0, 1, 511, 512, 513, 4096, 9000, 9001]
  const items = sizes.map((size) => ({ bytes: Buffer.alloc(size, `${size}`), extension: 'jpg' }))
  await store.addItems('photos', items)
  await store.appendRecords([Buffer.from('{}')])
  await store.close()
  const photos = readdirSync(join(directory, 'segments/photos'))
    .toSorted()
    .map((name) => join(directory, 'segments/photos', name))
  expect(photos.length).toBeGreaterThan(1)
  const expected = items.map(({ bytes }) => {
    const digest = digestOf(bytes)
    return [`${digest}.jpg`, bytes.length, 0o444, 1_700_000_000, true, digest]
  })
  const python = execFileSync('python3', ['-c', readWithPython, ...photos], { encoding: 'utf8' })
  expect(JSON.parse(python)).toEqual(expected)
  const listed = photos.flatMap((path) =>
    execFileSync('tar', ['tf', path], { encoding: 'utf8' }).trim().split('\n'),
  )
  expect(listed).toEqual(expected.map(([name]) => name))
  expect(
    readFileSync(photos[0] ?? '')
      .subarray(-1024)
      .every((byte) => byte === 0),
  ).toBe(true)
  const meta = join(directory, 'segments/meta/000001.tar')
  const record = execFileSync('tar', ['xOf', meta, '__varve__/record/000000000001'])
  expect(record.toString()).toBe('{}')
})
