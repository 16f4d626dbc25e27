import { describe, expect, test } from 'vitest'
import type { CommitInfo } from '../../src/index.ts'
import { openRig, shell, ShellRig, type Rig } from '../rig.ts'

/** One commit after another, each adding its own file. */
async function commits(rig: Rig, repo: string, names: readonly string[]): Promise<CommitInfo[]> {
  const made: CommitInfo[] = []
  for (const name of names) made.push(await rig.put(repo, { [name]: name }))
  return made
}

describe('39: names of commits', () => {
  test('39: ^ and ~ count back, . counts from the start; kinds cannot be mixed', async () => {
    const rig = new ShellRig()
    const output = await rig.sh(`
      pachctl create repo data
      for n in 1 2 3 4; do
        echo $n | pachctl put file data@master:/file
      done
      for name in master 'master^' 'master~' 'master^^' 'master^2' 'master~3' master.1 master.3; do
        echo "$name $(pachctl get file "data@$name:/file")"
      done
      pachctl inspect commit "data@master^4" > /dev/null 2>&1 || echo too far back
      pachctl inspect commit "data@master.5" > /dev/null 2>&1 || echo too far on
      pachctl inspect commit "data@master^.2" > /dev/null 2>&1 || echo mixed
    `)
    expect(output.trim().split('\n')).toEqual([
      'master 4',
      'master^ 3',
      'master~ 3',
      'master^^ 2',
      'master^2 2',
      'master~3 1',
      'master.1 1',
      'master.3 3',
      'too far back',
      'too far on',
      'mixed',
    ])
  })

  test('39: an id resolves in each repo to the version that was input or output of its change', async () => {
    const rig = await openRig()
    await rig.repos({ left: { file: 'left' }, right: { file: 'right' } })
    const cross = ['left', 'right'].map((repo) => ({ pfs: { repo, glob: '/*' } }))
    await rig.create(shell('p', { cross }, ['cat /pfs/left/file /pfs/right/file > /pfs/out/both']))
    await rig.run()
    const { id } = await rig.put('left', { file: 'LEFT' })
    await rig.put('right', { file: 'RIGHT' })
    await rig.run()
    expect(await rig.text(`p@${id}`, 'both')).toBe('LEFTright')
    expect(await rig.text(`left@${id}`, 'file')).toBe('LEFT')
    // The change did not touch this repo, so the id leads to what was read beside it.
    expect(await rig.text(`right@${id}`, 'file')).toBe('right')
  })

  test('39: children of an errored commit build on its last good ancestor', async () => {
    const rig = await openRig()
    await rig.repos({ data: { good: 'good' } })
    const lines = ['[ "$(cat $data)" = good ] || exit 1', 'cp $data /pfs/out/']
    await rig.create(shell('p', 'data', lines, { datum_tries: 1 }))
    await rig.run()
    const bad = await rig.put('data', { bad: 'bad', other: 'good' })
    expect(await rig.runOne()).toMatchObject({ state: 'failure' })
    // Upstream shows base and partial output on the branch; here the branch shows the last good
    // commit, and the id of the failed one shows what it made.
    expect(await rig.files('p')).toEqual({ good: 'good' })
    expect(await rig.files(`p@${bad.id}`)).toEqual({ good: 'good', other: 'good' })
    expect(rig.varve.commits.inspect(`p@${bad.id}`).error).toContain('failed')
    await rig.put('data', { bad: undefined })
    const healed = await rig.runOne()
    expect(healed).toMatchObject({ state: 'success', counters: { skipped: 1, processed: 1 } })
    expect(await rig.files('p')).toEqual({ good: 'good', other: 'good' })
  })

  test('39: a branch moved back to an old commit runs what is below it, and goes on from there', async () => {
    const rig = await openRig()
    await rig.repos({ data: {} })
    await rig.create(shell('p', { pfs: { repo: 'data', glob: '/' } }, ['cp /pfs/data/* /pfs/out/']))
    const [first, second, third] = await commits(rig, 'data', ['a', 'b', 'c'])
    await rig.run()
    expect(Object.keys(await rig.files('p'))).toEqual(['a', 'b', 'c'])
    await rig.varve.branches.set('data@master', { head: `data@${first?.id ?? ''}` })
    await rig.run()
    expect(await rig.files('data')).toEqual({ a: 'a' })
    expect(await rig.files('p')).toEqual({ a: 'a' })
    await rig.put('data', { d: 'd' })
    await rig.run()
    expect(Object.keys(await rig.files('p'))).toEqual(['a', 'd'])
    // The commits left behind are still there by their ids.
    for (const commit of [second, third]) {
      expect(rig.varve.commits.find(`data@${commit?.id ?? ''}`)).toBeDefined()
    }
  })
})

describe('40: editing history', () => {
  test('40: a squashed commit goes, and its children keep what it brought', async () => {
    const rig = await openRig()
    await rig.repos({ data: {} })
    const [first, second, third] = await commits(rig, 'data', ['a', 'b', 'c'])
    await rig.varve.commits.squashSet(rig.varve.commitId(second?.id ?? ''))
    expect(await rig.files('data')).toEqual({ a: 'a', b: 'b', c: 'c' })
    expect(rig.history('data').map(({ id }) => id)).toEqual([third?.id, first?.id])
    expect(rig.varve.commits.inspect('data@master').parent).toBe(first?.id)
    await expect(rig.files(`data@${second?.id ?? ''}`)).rejects.toMatchObject({
      code: 'COMMIT_NOT_FOUND',
    })
  })

  test('40: a squash of the first commit leaves its empty child its content', async () => {
    const rig = await openRig()
    await rig.repos({ data: {} })
    const first = await rig.put('data', { a: 'a' })
    const second = await rig.put('data', {})
    await rig.varve.commits.squashSet(first.id)
    expect(await rig.files('data')).toEqual({ a: 'a' })
    expect(rig.history('data').map(({ id }) => id)).toEqual([second.id])
  })

  test('40: a squash needs a finished child for each commit of the set', async () => {
    const rig = new ShellRig()
    const output = await rig.sh(`
      pachctl create repo data
      commit=$(pachctl start commit data@master)
      echo a | pachctl put file data@$commit:/a
      pachctl finish commit data@$commit
      pachctl squash commit $commit 2> /dev/null || echo no child
      next=$(pachctl start commit data@master)
      pachctl squash commit $commit 2> /dev/null || echo child is open
      pachctl finish commit data@$next
      pachctl squash commit $commit
      pachctl list commit data@master --raw | field .commit.id | wc -l
      pachctl list file data@master --raw | field .file.path
    `)
    expect(output.split('\n').map((line) => line.trim())).toEqual([
      'no child',
      'child is open',
      '1',
      '/a',
      '',
    ])
  })

  test('40: squashing takes jobs and output commits of the set along', async () => {
    const rig = await openRig()
    await rig.repos({ data: { a: 'a' } })
    await rig.create(shell('p', 'data', ['cp /pfs/data/* /pfs/out/']))
    await rig.run()
    const middle = await rig.put('data', { b: 'b' })
    await rig.run()
    await rig.put('data', { c: 'c' })
    await rig.run()
    await rig.varve.commits.squashSet(middle.id)
    expect(await rig.files('p')).toEqual({ a: 'a', b: 'b', c: 'c' })
    expect(rig.history('p').map(({ id }) => id)).not.toContain(middle.id)
    expect(rig.varve.jobs.list({ id: middle.id })).toEqual([])
    await rig.put('data', { d: 'd' })
    expect((await rig.runOne()).counters).toMatchObject({ processed: 1, skipped: 3 })
  })

  test('40: a head without children may be dropped, and its branch falls back to the parent', async () => {
    const rig = new ShellRig()
    const output = await rig.sh(`
      pachctl create repo data
      for name in a b c; do echo $name | pachctl put file data@master:/$name; done
      middle=$(pachctl inspect commit 'data@master^' --raw | field .commit.id)
      pachctl delete commit data@$middle 2> /dev/null || echo has a child
      pachctl delete commit data@master
      pachctl list file data@master --raw | field .file.path
      pachctl inspect commit data@master --raw | field .commit.id > id
      [ "$(cat id)" = "$middle" ] && echo fell back
    `)
    expect(output).toBe('has a child\n/a\n/b\nfell back\n')
  })

  test('40: dropping what others were computed from must be asked for, and takes them along', async () => {
    const rig = await openRig()
    await rig.repos({ data: { a: 'a' } })
    await rig.create(shell('p', 'data', ['cp /pfs/data/* /pfs/out/']))
    await rig.run()
    const { id } = await rig.put('data', { b: 'b' })
    await rig.run()
    await expect(rig.varve.commits.drop('data@master')).rejects.toMatchObject({ code: 'IN_USE' })
    expect(await rig.files('p')).toEqual({ a: 'a', b: 'b' })
    await rig.varve.commits.drop('data@master', { recursive: true })
    await rig.run()
    expect(await rig.files('data')).toEqual({ a: 'a' })
    expect(await rig.files('p')).toEqual({ a: 'a' })
    expect(rig.varve.jobs.list({ id })).toEqual([])
  })

  test('40: no commit starts while the head is open, nor on an output branch', async () => {
    const rig = await openRig()
    await rig.repos({ data: { a: 'a' } })
    await rig.create(shell('p', 'data', ['cp /pfs/data/* /pfs/out/']))
    await rig.run()
    const open = await rig.varve.commits.start('data@master')
    const { commits } = rig.varve
    await expect(commits.start('data@master')).rejects.toMatchObject({ code: 'COMMIT_OPEN' })
    await expect(commits.start('p@master')).rejects.toMatchObject({ code: 'IN_USE' })
    await expect(rig.put('p', { x: 'x' })).rejects.toMatchObject({ code: 'IN_USE' })
    await commits.finish(`data@${open.id}`)
    await commits.finish(`data@${(await commits.start('data@master')).id}`)
    expect(rig.history('data')).toHaveLength(3)
  })
})
