import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { collect, openRig, shell, StillClock } from './rig.ts'

test('a job that was resumed did not take the time in which nobody ran it', async () => {
  const clock = new StillClock('2026-01-01T00:00:00Z')
  const rig = await openRig({ clock })
  await rig.repos({ a: { one: '1', two: '2', three: '3' } })
  await rig.create(
    shell('p', 'a', ['cp /pfs/a/* /pfs/out/'], { parallelism_spec: { constant: 1 } }),
  )
  const stop = new AbortController()
  for await (const event of rig.varve.run({ signal: stop.signal })) {
    if (event.type === 'job.progress' && event.job.counters.processed > 0) stop.abort()
  }
  expect(rig.job('p').finishedAt).toBeUndefined()
  clock.advance(3600)
  await rig.reopen({ clock })
  const job = await rig.runOne()
  expect(job.state).toBe('success')
  expect(job.idleMs).toBe(3_600_000)
  expect((job.finishedAt ?? 0) - (job.startedAt ?? 0) - (job.idleMs ?? 0)).toBe(0)
})

test('secrets with a mount_path are files for the command, one for each key, and nothing of them stays', async () => {
  const rig = await openRig()
  await rig.repos({ a: { x: 'x' } })
  await rig.varve.secrets.create('db', { user: 'eve', password: 's3cret' })
  const secrets = [
    { name: 'db', mount_path: '/run/db' },
    { name: 'db', key: 'user', env_var: 'WHO' },
  ]
  await rig.create(
    shell(
      'p',
      'a',
      ['cat /run/db/user /run/db/password > /pfs/out/seen', 'echo " $WHO" >> /pfs/out/seen'],
      {
        transform: { secrets },
      },
    ),
  )
  expect(await rig.runOne()).toMatchObject({ state: 'success' })
  expect(await rig.text('p', 'seen')).toBe('eves3cret eve\n')
  const [datum] = await rig.datums('p')
  expect(JSON.stringify(datum)).not.toContain('s3cret')
})

test('a missing secret, and a missing key of one, fail the job by name with what to type', async () => {
  const rig = await openRig()
  await rig.repos({ a: { x: 'x' } })
  await rig.varve.secrets.create('db', { user: 'eve' })
  const asking = (name: string, secret: object): object =>
    shell(name, 'a', ['true'], { transform: { secrets: [secret] } })
  await rig.create(
    asking('file', { name: 'gone', mount_path: '/run/db' }),
    asking('env', { name: 'gone', key: 'token', env_var: 'T' }),
    asking('key', { name: 'db', key: 'password', env_var: 'P' }),
  )
  await rig.run()
  expect(rig.job('file')).toMatchObject({ state: 'failure' })
  expect(rig.job('file').reason).toContain('There is no secret "gone"')
  expect(rig.job('env').reason).toContain(
    `echo '{"metadata":{"name":"gone"},"stringData":{"token":"VALUE"}}' | varve create secret -f -`,
  )
  expect(rig.job('key').reason).toContain('The secret "db" has no key "password"')
  await rig.varve.secrets.create('gone', { token: 't' })
  await rig.varve.pipelines.rerun('env')
  expect(await rig.runOne()).toMatchObject({ state: 'success' })
})

test('secrets and files of an image are seen below /etc and /usr, and two at one place fail the job', async () => {
  const rig = await openRig()
  await rig.repos({ a: { x: 'x' } })
  await rig.varve.secrets.create('db', { user: 'eve' })
  writeFileSync(join(rig.dir, 'tool'), '#!/bin/sh\ncat /etc/varve-test/user\n', { mode: 0o755 })
  writeFileSync(
    join(rig.dir, 'varve.yaml'),
    'images:\n  tool: { files: { /usr/bin/varve-test: tool } }\n  gone: { files: { /opt/x: gone } }\n',
  )
  const asking = (name: string, image: string, path: string): object =>
    shell(name, 'a', ['/usr/bin/varve-test > /pfs/out/seen; cat /etc/varve-test/user'], {
      transform: { image, secrets: [{ name: 'db', mount_path: path }] },
    })
  await rig.create(
    asking('p', 'tool', '/etc/varve-test'),
    asking('inside', 'tool', '/usr/bin/varve-test/'),
    asking('missing', 'gone', '/etc/varve-test'),
  )
  await rig.run()
  expect(rig.job('p')).toMatchObject({ state: 'success' })
  expect(await rig.text('p', 'seen')).toBe('eve')
  expect(rig.job('inside').reason).toContain(
    'shows /usr/bin/varve-test/user inside /usr/bin/varve-test',
  )
  expect(rig.job('missing').reason).toContain(join(rig.dir, 'gone'))
  await expect(rig.varve.secrets.create('odd', { '../x': '' })).rejects.toMatchObject({
    code: 'NAME_INVALID',
  })
})

test('nobody writes by hand to the output of a stopped pipeline, until it is deleted', async () => {
  const rig = await openRig()
  await rig.repos({ a: { x: 'x' } })
  await rig.create(shell('p', 'a', ['cp /pfs/a/* /pfs/out/']))
  await rig.run()
  await rig.varve.pipelines.stop('p')
  const commits = rig.history('p').length
  for (const write of [
    () => rig.put('p', { y: 'by hand' }),
    () => rig.varve.commits.start('p@master'),
    () => rig.varve.files.delete('p@master', ['x']),
  ]) {
    await expect(write()).rejects.toMatchObject({
      code: 'IN_USE',
      next: expect.stringContaining('--keep-repo') as string,
    })
  }
  expect(rig.history('p')).toHaveLength(commits)
  await rig.put('p@mine', { y: 'another branch is free' })
  await rig.varve.pipelines.start('p')
  expect(await rig.run()).toEqual([])
  await rig.varve.pipelines.delete('p', { keepRepo: true })
  await rig.put('p', { y: 'by hand' })
})

test('only datums of a job that has not ended can be restarted, and one that none reads is named', async () => {
  const rig = await openRig()
  await rig.repos({ a: { x: 'x' } })
  await rig.create(shell('p', 'a', ['cp /pfs/a/* /pfs/out/']))
  await expect(rig.varve.datums.restart({ job: 'p', paths: ['/nowhere'] })).rejects.toMatchObject({
    code: 'DATUM_NOT_FOUND',
  })
  expect(await rig.varve.datums.restart({ job: 'p', paths: ['/x'] })).toBe(1)
  await rig.run()
  for (const paths of [['/x'], ['/nowhere']]) {
    await expect(rig.varve.datums.restart({ job: 'p', paths })).rejects.toMatchObject({
      code: 'COMMIT_FINISHED',
      next: expect.stringContaining('varve rerun pipeline p --reprocess') as string,
    })
  }
  expect(await collect(rig.varve.datums.list({ job: 'p' }))).toHaveLength(1)
})

test('an image of a spec is what varve.yaml says it is on this machine', async () => {
  const rig = await openRig()
  await rig.repos({ a: { x: 'x' } })
  const say = (mode: string): void =>
    writeFileSync(
      join(rig.dir, 'varve.yaml'),
      `images:
  my/tool:
    cmd: [sh, -c, 'cat /tool/tool.conf > /pfs/out/seen; echo "$MODE" >> /pfs/out/seen; pwd >> /pfs/out/seen']
    env: { MODE: ${mode} }
    working_dir: /pfs
    files: { /tool/tool.conf: ./tool.conf }
`,
    )
  writeFileSync(join(rig.dir, 'tool.conf'), 'settings ')
  say('fast')
  await rig.create({
    pipeline: { name: 'p' },
    input: { pfs: { repo: 'a', glob: '/' } },
    transform: { image: 'my/tool' },
  })
  expect(await rig.runOne()).toMatchObject({ state: 'success' })
  expect(await rig.text('p', 'seen')).toBe('settings fast\n/pfs\n')
  say('slow')
  await rig.reopen()
  await rig.put('a', { y: 'y' })
  await rig.runOne()
  expect(await rig.text('p', 'seen')).toBe('settings slow\n/pfs\n')
})
