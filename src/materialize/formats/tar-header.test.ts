import { mkdtempSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { tarMembers } from '../read-shards.fixture.ts'
import { archiveEnd, memberBytes, memberLayout, writeTarHeader } from './tar-header.ts'
import { tarPieces } from './tar-pieces.ts'

const folder = mkdtempSync(join(tmpdir(), 'varve-tar-'))

function archive(name: string, members: Parameters<typeof tarPieces>[0]): string {
  const path = join(folder, name)
  writeFileSync(path, Buffer.concat([...tarPieces(members), archiveEnd]))
  return path
}

const longFolder = 'folder-of-thirty-characters-ab/'
const names = [
  'a.jpg',
  'ordner/käse-日本語.jpg',
  `${'x'.repeat(96)}.jpg`,
  `${longFolder.repeat(4)}a.jpg`,
  `${longFolder.repeat(7)}a.jpg`,
  `${longFolder.repeat(20)}${'ü'.repeat(80)}.jpg`,
  `${'y'.repeat(200)}.jpg`,
]

test('Python reads names of any length and alphabet, and finds each payload where we say', () => {
  const members = names.map((name, at) => ({ name, bytes: Buffer.alloc(at * 5000, 'z') }))
  const read = tarMembers(archive('names.tar', members))
  let offset = 0
  const expected = members.map(({ name, bytes }) => {
    const payload = offset + memberLayout(name, bytes.length).header
    offset += memberBytes(name, bytes.length)
    return { name, size: bytes.length, offset: payload }
  })
  expect(read.map(({ name, size, offset }) => ({ name, size, offset }))).toEqual(expected)
  for (const member of read) {
    expect(member).toMatchObject({ mode: 0o444, mtime: 0, owner: [0, 0], regular: true })
  }
})

test('GNU tar reads the same names', () => {
  const members = names.map((name) => ({ name, bytes: Buffer.from(name) }))
  const path = archive('gnu.tar', members)
  const listed = execFileSync('tar', ['--quoting-style=literal', '-tf', path], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  })
  expect(listed.trim().split('\n')).toEqual(names)
  const long = names.at(-2) ?? ''
  expect(execFileSync('tar', ['xOf', path, long], { encoding: 'utf8' })).toBe(long)
})

test('only names that fit no USTAR field get PAX records', () => {
  const read = tarMembers(
    archive(
      'pax.tar',
      names.map((name) => ({ name, bytes: Buffer.of(1) })),
    ),
  )
  const withPax = read.filter(({ pax }) => Object.keys(pax).length > 0).map(({ name }) => name)
  expect(withPax).toEqual(names.slice(-2))
})

test('a size of eight gibibytes and more is understood by Python', () => {
  const size = 10 * 2 ** 30
  const header = Buffer.alloc(memberLayout('large.bin', size).header)
  expect(writeTarHeader(header, 0, { name: 'large.bin', size })).toBe(header.length)
  const path = join(folder, 'large.tar')
  writeFileSync(path, header)
  const script = 'import sys, tarfile; m = tarfile.open(sys.argv[1]).next(); print(m.name, m.size)'
  const read = execFileSync('python3', ['-c', script, path], { encoding: 'utf8' })
  expect(read.trim()).toBe(`large.bin ${size}`)
})

test('layout, header and pieces agree about where everything is', () => {
  const anyName = fc
    .array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }), {
      minLength: 1,
      maxLength: 6,
    })
    .map((parts) => parts.map((part) => part.replaceAll(/[/\0]/g, '_')).join('/'))
    .filter((name) => name.isWellFormed())
  fc.assert(
    fc.property(fc.array(fc.tuple(anyName, fc.nat({ max: 20_000 })), { maxLength: 8 }), (files) => {
      const members = files.map(([name, size]) => ({ name, bytes: Buffer.alloc(size, 7) }))
      const bytes = Buffer.concat(tarPieces(members))
      let at = 0
      for (const { name, bytes: payload } of members) {
        const { header, padding } = memberLayout(name, payload.length)
        expect(bytes.subarray(at + header, at + header + payload.length).equals(payload)).toBe(true)
        at += header + payload.length + padding
      }
      expect(at).toBe(bytes.length)
    }),
    { numRuns: 50 },
  )
})

test('a name that is cut ends with a whole character', () => {
  const header = Buffer.alloc(2048)
  const name = `${'x'.repeat(97)}${'😀'.repeat(200)}.jpg`
  const payload = writeTarHeader(header, 0, { name, size: 1 })
  const cut = header.subarray(payload - 512, payload - 412).toString('utf8')
  expect(cut.replace(/\0+$/, '')).toBe('x'.repeat(97))
})
