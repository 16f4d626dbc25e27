import { expect, test } from 'vitest'
import { openRig, shell, ShellRig } from '../rig.ts'

test('12: a command that reads none of its large stdin succeeds, over many datums', async () => {
  const rig = await openRig()
  const names = Array.from({ length: 50 }, (_, number) => `file-${number}`)
  await rig.repos({ data: Object.fromEntries(names.map((name) => [name, 'foo'])) })
  const lines = Array.from({ length: 10_000 }, () => 'a line that nobody reads')
  await rig.create(shell('p', 'data', lines, { transform: { cmd: ['true'] } }))
  expect(await rig.runOne()).toMatchObject({ state: 'success', counters: { processed: 50 } })
})

test('13: a child left in the background does not keep the job from ending', async () => {
  const rig = await openRig()
  await rig.repos({ data: { file: 'foo' } })
  const lines = ['sleep 300 &', 'cp /pfs/data/* /pfs/out/']
  await rig.create(shell('p', 'data', lines))
  const job = await rig.runOne()
  expect(job.state).toBe('success')
  expect((job.finishedAt ?? Number.NaN) - job.createdAt).toBeLessThan(10_000)
  expect(await rig.files('p')).toEqual({ file: 'foo' })
})

test('14: variables of the spec, of secrets, of the job and of its inputs are all right', async () => {
  const rig = new ShellRig()
  const lines = [
    'echo $foo > /pfs/out/foo',
    'echo $bar > /pfs/out/bar',
    'echo $PACH_JOB_ID > /pfs/out/job_id',
    'echo $PACH_OUTPUT_COMMIT_ID > /pfs/out/output_commit_id',
    'echo $data > /pfs/out/input',
    'echo $data_COMMIT > /pfs/out/input_commit',
    'echo $PPS_PIPELINE_NAME > /pfs/out/pipeline',
    'echo $PACH_DATUM_ID > /pfs/out/datum',
  ]
  const secrets = [{ name: 'test-secret', key: 'foo', env_var: 'foo' }]
  rig.write({
    'secret.json': {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'test-secret' },
      data: { foo: Buffer.from('secret-value').toString('base64') },
    },
    'p.json': shell('p', 'data', lines, { transform: { env: { bar: 'custom-value' }, secrets } }),
  })
  const output = await rig.sh(`
    pachctl create secret -f secret.json
    pachctl create repo data
    pachctl create pipeline -f p.json
    id=$(pachctl start commit data@master)
    echo foo | pachctl put file data@master:/file
    pachctl finish commit data@master
    pachctl wait commit p@$id > /dev/null
    mkdir out
    pachctl get file p@$id:/ -r -o out
    echo $id
    cat out/foo out/bar out/job_id out/output_commit_id out/input out/input_commit out/pipeline
    pachctl list datum p@$id --raw | field .datum.id
    cat out/datum
  `)
  const [id, ...rest] = output.trim().split('\n')
  expect(id).toMatch(/^[0-9a-f]{32}$/)
  const datum = rest.pop()
  expect(rest).toEqual(['secret-value', 'custom-value', id, id, '/pfs/data/file', id, 'p', datum])
})

test('15: the variables of join and group keys carry the name of the input', async () => {
  const rig = await openRig()
  await rig.repos({ left: { 'file-1': 'a' }, right: { 'file-1': 'b' } })
  const glob = '/file-(?)'
  const key = (word: string, name: string): string =>
    `PACH_DATUM_${name}_${word === 'join_on' ? 'JOIN_ON' : 'GROUP_BY'}`
  const spec = (kind: string, word: string): object => {
    const [left, right] = ['left', 'other'].map((name) => key(word, name))
    const input = {
      [kind]: [
        { pfs: { repo: 'left', glob, [word]: '$1' } },
        { pfs: { repo: 'right', name: 'other', glob, [word]: '$1' } },
      ],
    }
    const lines = [`echo "$${left}" "$${right}" "$left" "$other" > /pfs/out/keys`]
    return shell(kind, input, lines)
  }
  await rig.create(spec('join', 'join_on'), spec('group', 'group_by'))
  await rig.run()
  const expected = '1 1 /pfs/left/file-1 /pfs/other/file-1\n'
  expect(await rig.text('join', 'keys')).toBe(expected)
  expect(await rig.text('group', 'keys')).toBe(expected)
})

test('16: empty_files shows the right paths with nothing in them', async () => {
  const rig = await openRig()
  await rig.repos({ data: { 'a/file1': 'foo\n', 'b/file2': 'bar\n' } })
  const input = { pfs: { repo: 'data', glob: '/*', empty_files: true } }
  const lines = ['find -L /pfs/data -type f -size 0 > /pfs/out/$PACH_DATUM_ID']
  await rig.create(shell('p', input, lines))
  await rig.runOne()
  const seen = Object.values(await rig.files('p')).sort()
  expect(seen).toEqual(['/pfs/data/a/file1\n', '/pfs/data/b/file2\n'])
})

test('16: lazy files have the same content, and one that nobody reads is fine', async () => {
  const rig = await openRig()
  await rig.repos({ data: { 'dir/read': 'foo\n', 'dir/unread': 'bar\n' } })
  const input = { pfs: { repo: 'data', glob: '/', lazy: true } }
  await rig.create(shell('p', input, ['cat /pfs/data/dir/read > /pfs/out/read']))
  expect(await rig.runOne()).toMatchObject({ state: 'success' })
  expect(await rig.files('p')).toEqual({ read: 'foo\n' })
})

test('17: links to an input file, an input folder and a file outside become real content', async () => {
  const rig = await openRig()
  await rig.repos({ data: { foo: 'foo', 'dir1/bar': 'bar', 'dir2/deep/buzz': 'buzz' } })
  const lines = [
    'ln -s /pfs/data/foo /pfs/out/foo',
    'ln -s /pfs/data/dir1 /pfs/out/dir1',
    'mkdir /pfs/out/dir2 && ln -s /pfs/data/dir2/deep /pfs/out/dir2/renamed',
    'echo external > /tmp/external && ln -s /tmp/external /pfs/out/external',
  ]
  await rig.create(shell('p', { pfs: { repo: 'data', glob: '/' } }, lines))
  expect(await rig.runOne()).toMatchObject({ state: 'success' })
  expect(await rig.files('p')).toEqual({
    'dir1/bar': 'bar',
    'dir2/renamed/buzz': 'buzz',
    external: 'external\n',
    foo: 'foo',
  })
})

test('17: under lazy and empty_files a link is the real content all the same: a shuffle', async () => {
  const rig = await openRig()
  await rig.repos({ data: { 'in/a': 'first', 'in/b': 'second' } })
  for (const kind of ['lazy', 'empty_files']) {
    const input = { pfs: { repo: 'data', glob: '/in/*', [kind]: true } }
    const lines = ['ln -s "$data" "/pfs/out/moved-$(basename "$data")"']
    await rig.create(shell(kind.replace('_', '-'), input, lines))
  }
  await rig.run()
  expect(await rig.files('lazy')).toEqual({ 'moved-a': 'first', 'moved-b': 'second' })
  expect(await rig.files('empty-files')).toEqual({ 'moved-a': 'first', 'moved-b': 'second' })
})

test('35: a loop over `pachctl next datum` gives what one command for each datum would', async () => {
  const rig = await openRig()
  const names = Array.from({ length: 12 }, (_, number) => `file-${number}`)
  const files = Object.fromEntries(names.map((name) => [name, `${name}\n`]))
  await rig.repos({ data: files })
  const lines = ['while pachctl next datum; do', '  cp /pfs/data/* /pfs/out/', 'done']
  await rig.create(shell('p', 'data', lines, { transform: { datum_batching: true } }))
  expect(await rig.runOne()).toMatchObject({ state: 'success', counters: { processed: 12 } })
  expect(await rig.files('p')).toEqual(files)
  await rig.put('data', { extra: 'extra\n' })
  expect((await rig.runOne()).counters).toMatchObject({ processed: 1, skipped: 12 })
})

test('35: an endless loop that ignores what `next datum` answers is ended after the last datum', async () => {
  const rig = await openRig()
  await rig.repos({ data: { a: '1', b: '2' } })
  const lines = ['while true; do', '  pachctl next datum', '  cp /pfs/data/* /pfs/out/', 'done']
  await rig.create(shell('p', 'data', lines, { transform: { datum_batching: true } }))
  expect(await rig.runOne()).toMatchObject({ state: 'success', counters: { processed: 2 } })
  expect(await rig.files('p')).toEqual({ a: '1', b: '2' })
})

test('35: each round of the loop sees the variables of its datum in /pfs/.env', async () => {
  const rig = await openRig()
  await rig.repos({ data: { a: '1', b: '2' } })
  const lines = [
    'while pachctl next datum; do',
    '  . /pfs/.env',
    '  echo "$data" > /pfs/out/$(basename "$data")',
    'done',
  ]
  await rig.create(shell('p', 'data', lines, { transform: { datum_batching: true } }))
  expect(await rig.runOne()).toMatchObject({ state: 'success' })
  expect(await rig.files('p')).toEqual({ a: '/pfs/data/a\n', b: '/pfs/data/b\n' })
})

test('35: `next datum --error` fails that datum and no other', async () => {
  const rig = await openRig()
  await rig.repos({ data: { bad: 'x', good: 'y', other: 'z' } })
  const lines = [
    'message=',
    'while pachctl next datum ${message:+--error "$message"}; do',
    '  message=',
    '  [ -e /pfs/data/bad ] && message="this one is bad"',
    '  [ -e /pfs/data/bad ] || cp /pfs/data/* /pfs/out/',
    'done',
  ]
  const more = {
    transform: { datum_batching: true },
    datum_tries: 1,
    parallelism_spec: { constant: 1 },
  }
  await rig.create(shell('p', 'data', lines, more))
  const job = await rig.runOne()
  expect(job).toMatchObject({ state: 'failure', counters: { processed: 2, failed: 1 } })
  expect(job.reason).toContain('this one is bad')
  const failed = (await rig.datums('p')).filter(({ state }) => state === 'failed')
  expect(failed.map(({ inputs }) => inputs[0]?.path)).toEqual(['bad'])
  expect(await rig.files(`p@${job.id}`)).toEqual({ good: 'y', other: 'z' })
})

test('35: a batching command that leaves early is a failure', async () => {
  const rig = await openRig()
  await rig.repos({ data: { a: '1', b: '2' } })
  const more = { transform: { datum_batching: true }, datum_tries: 1 }
  await rig.create(shell('p', 'data', ['pachctl next datum', 'exit 0'], more))
  const job = await rig.runOne()
  expect(job).toMatchObject({ state: 'failure', counters: { processed: 0, failed: 2 } })
})
