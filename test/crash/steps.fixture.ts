import { expect } from 'vitest'
import type { FileSource } from '../../src/repos/index.ts'
import type { Step } from './history.fixture.ts'

export function text(path: string, content: string): FileSource {
  return { kind: 'bytes', path, bytes: Buffer.from(content) }
}

export function put(target: string, files: Readonly<Record<string, string>>): Step {
  const sources = Object.entries(files).map(([path, content]) => text(path, content))
  return ({ store }) => store.files.put(target, sources)
}

export const adding: readonly Step[] = [
  ({ store }) => store.repos.create('r'),
  put('r@master', { a: 'one', 'b/c': 'two'.repeat(500) }),
  put('r@master', { a: 'one again', 'b/d': 'x'.repeat(5000), 'b/e': 'y'.repeat(700) }),
  ({ store }) => store.files.delete('r@master', ['b/c']),
  ({ store }) => store.commits.start('r@master'),
  put('r@master', { open: 'z'.repeat(2000) }),
  put('r@master', { open: 'z'.repeat(2000), also: 'w'.repeat(9000) }),
  ({ store }) => store.commits.finish('r@master'),
  ({ store }) => store.tags.set('good', 'r@master'),
  ({ store }) => store.files.copy('r@master', { commit: 'r@master', path: 'b' }, 'copied'),
]

export const merging: readonly Step[] = [
  ({ store }) => store.repos.create('r'),
  put('r@master', { a: 'base', b: 'base', c: 'k'.repeat(3000) }),
  ({ store }) => store.branches.set('r@side', { head: 'r@master' }),
  put('r@side', { b: 'theirs', d: 'd'.repeat(4000) }),
  put('r@master', { a: 'ours', e: 'e'.repeat(6000) }),
  ({ store }) => store.files.merge('r@master', 'r@side'),
  put('r@side', { a: 'theirs too', f: 'f' }),
  put('r@master', { a: 'ours too' }),
  ({ store }) => store.files.merge('r@master', 'r@side', { prefer: 'theirs' }),
  ({ store }) => store.branches.delete('r@side'),
  ({ store }) => store.commits.drop('r@master'),
]

/** Content that dies by a drop or a squash and is collected, some of it put again afterwards. */
export const collecting: readonly Step[] = [
  ({ store }) => store.repos.create('r'),
  put('r@master', { keep: 'k'.repeat(3000), old: 'o'.repeat(7000) }),
  put('r@master', { old: 'n'.repeat(5000), more: 'm'.repeat(12_000) }),
  put('r@master', { dropped: 'd'.repeat(6000) }),
  ({ store }) => store.commits.drop('r@master'),
  ({ store }) => store.maintenance.gc(),
  put('r@master', { dropped: 'd'.repeat(6000), fresh: 'f'.repeat(500) }),
  ({ store }) => store.commits.squashSet(store.commits.list({ repo: 'r' }).at(-1)!.id),
  ({ store }) => store.maintenance.gc(),
  ({ store }) => store.maintenance.gc(),
  put('r@master', { old: 'o'.repeat(7000) }),
]

export const reindexing: readonly Step[] = [
  ({ store }) => store.repos.create('r'),
  put('r@master', { a: 'a'.repeat(4000), b: 'b' }),
  put('r@master', { a: 'c'.repeat(4000) }),
  (recorder) => recorder.reopen({ rebuildIndex: true }),
  ({ store }) => store.maintenance.reindex(),
  put('r@master', { d: 'd'.repeat(4000) }),
  ({ store }) => store.commits.drop('r@master'),
  ({ store }) => store.maintenance.gc(),
  (recorder) => recorder.reopen({ rebuildIndex: true }),
  put('r@master', { e: 'e' }),
]

/** Many changes of which one lasts: a checkpoint, even one of many parts, takes less than they do. */
export const renaming: readonly Step[] = [
  ({ store }) => store.repos.create('r'),
  put('r@master', { keep: 'k'.repeat(3000) }),
  put('r@side', { other: 'o'.repeat(700) }),
  ...Array.from({ length: 60 }, (_, n): Step => {
    return ({ store }) => store.repos.update('r', { description: `${n}` })
  }),
]

/** The parts of a checkpoint are written, and what came before them goes. */
export const replacing: readonly Step[] = [
  async ({ store }) => expect((await store.maintenance.gc()).deadRecords).toBeGreaterThan(60),
  put('r@master', { later: 'l' }),
]
