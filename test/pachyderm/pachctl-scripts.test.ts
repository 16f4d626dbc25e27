import { expect, test } from 'vitest'
import { shell, ShellRig } from '../rig.ts'

/** Scripts as people wrote them for pachctl, run to their end with `pachctl` being `varve`. */

const lines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')

const wordCount = {
  map: shell('map', { pfs: { repo: 'texts', glob: '/' } }, [], {
    transform: {
      image: 'debian:stable',
      stdin: [
        'cat /pfs/texts/*.txt | tr " " "\\n" | while read word; do echo 1 >> /pfs/out/$word; done',
      ],
    },
  }),
  reduce: shell('reduce', 'map', ['wc -l < $map > /pfs/out/$(basename $map)'], {
    description: 'counts words',
  }),
}

test('a word count: repo, pipelines, a folder of texts, results, then one more text', async () => {
  const rig = new ShellRig()
  rig.write({
    'map.json': wordCount.map,
    'reduce.json': wordCount.reduce,
    'texts/one.txt': 'the cat the dog\n',
    'texts/two.txt': 'the bird\n',
    'three.txt': 'a bird\n',
  })
  const output = await rig.sh(`
    pachctl create repo texts --description "some texts"
    pachctl create pipeline -f map.json
    pachctl create pipeline -f reduce.json
    pachctl put file texts@master:/ -r -f texts
    pachctl wait commit "reduce@master" > /dev/null
    for word in the cat bird; do echo $word $(pachctl get file reduce@master:/$word); done
    pachctl put file texts@master -f three.txt
    pachctl wait commit reduce@master > /dev/null
    pachctl list file reduce@master --raw | field .file.path
    pachctl list job --pipeline reduce --raw | field .dataSkipped | head -n 1
  `)
  expect(lines(output)).toEqual([
    'the 3',
    'cat 1',
    'bird 1',
    '/a',
    '/bird',
    '/cat',
    '/dog',
    '/the',
    '3',
  ])
})

test('jobs, datums and logs are found by way of --raw and its names', async () => {
  const rig = new ShellRig()
  const script = ['echo seen $(cat $data)', 'cp $data /pfs/out/']
  rig.write({ 'p.json': shell('p', 'data', script), 'in/a': 'first', 'in/b': 'second' })
  const output = await rig.sh(`
    pachctl create repo data
    pachctl create pipeline -f p.json
    commit=$(pachctl start commit data@master)
    pachctl put file -r data@$commit:/ -f in
    pachctl finish commit data@$commit
    pachctl wait job p@$commit > /dev/null
    pachctl list job -p p --raw > jobs
    [ $(field .job.id < jobs | head -n 1) = $commit ] && echo "job of the commit"
    field .job.pipeline.name < jobs | head -n 1
    field .state < jobs | head -n 1
    field .outputCommit.repo.name < jobs | head -n 1
    pachctl inspect job p@$commit --raw > job
    for name in dataProcessed dataSkipped dataTotal dataFailed dataRecovered; do field .$name < job; done
    pachctl list datum p@$commit --raw > datums
    field .state < datums
    field '.data[0].file.path' < datums
    datum=$(field .datum.id < datums | head -n 1)
    pachctl inspect datum p@$commit $datum --raw | field .datum.job.id > of
    [ $(cat of) = $commit ] && echo "datum of the job"
    pachctl logs --job p@$commit --datum $datum | grep -o 'seen .*'
    pachctl logs -p p --raw > log
    field .message < log | grep -c seen
    field .pipelineName < log | sort -u
    [ $(field .jobId < log | sort -u) = $commit ] && echo "log of the job"
    pachctl logs -p p --inputs /b --raw | field .message
  `)
  const all = lines(output)
  expect(all.slice(0, 9)).toEqual([
    'job of the commit',
    'p',
    'JOB_SUCCESS',
    'p',
    '2',
    '0',
    '2',
    '0',
    '0',
  ])
  expect(all.slice(9, 11)).toEqual(['SUCCESS', 'SUCCESS'])
  expect(all.slice(11, 13).sort()).toEqual(['/a', '/b'])
  expect(all[13]).toBe('datum of the job')
  expect(all[14]).toBe(all[11] === '/a' ? 'seen first' : 'seen second')
  expect(all.slice(15)).toEqual(['2', 'p', 'log of the job', 'seen second'])
})

test('transactions: two commits started and finished together make one job, under one id', async () => {
  const rig = new ShellRig()
  const cross = ['data', 'parameters'].map((repo) => ({ pfs: { repo, glob: '/*' } }))
  rig.write({
    'model.json': shell('model', { cross }, ['cat /pfs/data/* /pfs/parameters/* > /pfs/out/model']),
  })
  const output = await rig.sh(`
    pachctl start transaction > /dev/null
    pachctl create repo data > /dev/null
    pachctl create repo parameters > /dev/null
    pachctl finish transaction > /dev/null
    pachctl create pipeline -f model.json
    varve run > /dev/null
    pachctl start transaction > /dev/null
    pachctl start commit data@master > first
    pachctl start commit parameters@master > second
    pachctl finish transaction > /dev/null
    echo data | pachctl put file data@master:/file
    echo parameters | pachctl put file parameters@master:/file
    pachctl start transaction > /dev/null
    pachctl finish commit data@master > /dev/null
    pachctl finish commit parameters@master > /dev/null
    pachctl finish transaction > /dev/null
    varve run > /dev/null
    pachctl get file model@master:/model
    pachctl list job -p model --raw | field .dataProcessed
    pachctl inspect commit data@master --raw | field .commit.id > ids
    cat first second >> ids
    pachctl list job -p model --raw | field .job.id | head -n 1 >> ids
    sort -u ids | wc -l
  `)
  expect(lines(output)).toEqual(['data', 'parameters', '1', '0', '1'])
}, 120_000)

test('branches: heads moved by hand, provenance, and a branch of a branch', async () => {
  const rig = new ShellRig()
  const output = await rig.sh(`
    pachctl create repo images -d "photographs"
    echo one | pachctl put file images@dev:/a
    echo two | pachctl put file images@dev:/b
    pachctl create branch images@master --head dev^
    pachctl list file images@master --raw | field .file.path
    pachctl create branch images@master --head dev
    pachctl list file images@master --raw | field .file.path
    pachctl list branch images --raw | field .branch.name
    pachctl inspect branch images@master --raw | field .head.id > a
    pachctl inspect branch images@dev --raw | field .head.id > b
    cmp a b && echo same head
    pachctl create repo below
    pachctl create branch below@master -p images@master
    pachctl inspect branch below@master --raw | field '.directProvenance[0].repo.name'
    pachctl delete branch images@master 2> /dev/null || echo in use
    pachctl delete repo images 2> /dev/null || echo in use
    pachctl inspect repo images --raw > repo
    field .repo.name < repo; field .description < repo; field .details.sizeBytes < repo
  `)
  expect(lines(output)).toEqual(
    ['/a', '/a', '/b', 'dev', 'master', 'same head', 'images', 'in use', 'in use'].concat([
      'images',
      'photographs',
      '8',
    ]),
  )
}, 120_000)

test('files: tar, url lists, folders to disk, copies, diffs and globs', async () => {
  const rig = new ShellRig()
  rig.write({ 'in/a.txt': 'A\n', 'in/sub/b.txt': 'B\n', 'in/c.md': 'C\n' })
  const output = await rig.sh(`
    pachctl create repo data
    tar cf in.tar -C in .
    pachctl put file data@master:/ --untar -f in.tar
    pachctl glob file 'data@master:/**.txt' --raw | field .file.path
    pachctl copy file data@master:/sub data@master:/copied
    pachctl get file -r -o out data@master:/
    (cd out && find . -type f | sort)
    pachctl delete file data@master:/c.md
    pachctl diff file data@master --name-only
    pachctl inspect file data@master:/a.txt --raw > file
    field .file.path < file; field .fileType < file; field .sizeBytes < file
    field .file.commit.repo.name < file
    field .file.commit.branch.name < file
    pachctl inspect commit data@master --raw | field .commit.id > id
    field .file.commit.id < file | cmp - id && echo of the commit
    echo file://$PWD/in/c.md > urls
    pachctl put file data@master -i urls
    pachctl get file data@master:/c.md
    pachctl find commit data@master:/c.md --raw | field .commit.id | wc -l
  `)
  expect(lines(output)).toEqual([
    '/a.txt',
    '/sub/b.txt',
    './a.txt',
    './c.md',
    './copied/b.txt',
    './sub/b.txt',
    '/c.md',
    '/a.txt',
    'FILE',
    '2',
    'data',
    'master',
    'of the commit',
    'C',
    '3',
  ])
}, 120_000)

test('subscribing: commits come as they finish, and squashing and listing commits', async () => {
  const rig = new ShellRig()
  const output = await rig.sh(`
    pachctl create repo data
    echo 1 | pachctl put file data@master:/1
    # Not through the function, so that kill reaches the program itself.
    varve subscribe commit data@master --raw > seen &
    subscriber=$!
    echo 2 | pachctl put file data@master:/2
    echo 3 | pachctl put file data@master:/3
    pachctl list commit data@master --raw | field .commit.id > listed
    tries=0
    while [ $(grep -c '"finished"' seen) -lt 3 ] && [ $tries -lt 100 ]; do
      tries=$((tries + 1)); sleep 0.1
    done
    kill $subscriber; wait $subscriber || true
    field .commit.id < seen | tac | cmp - listed && echo all of them
    field .origin.kind < seen | sort -u
    pachctl squash commit $(sed -n 2p listed)
    pachctl list commit data@master --raw | field .parentCommit.id | head -n 1 > parent
    sed -n 3p listed | cmp - parent && echo squashed
    pachctl list file data@master --raw | field .file.path
    pachctl list commit data@master -n 1 --raw | field .details.sizeBytes
  `)
  expect(lines(output)).toEqual(['all of them', 'USER', 'squashed', '/1', '/2', '/3', '6'])
}, 120_000)

test('projects keep names apart, and a context says which one is meant', async () => {
  const rig = new ShellRig()
  rig.write({
    'p.json': {
      ...shell('p', 'data', ['cp $data /pfs/out/']),
      pipeline: { name: 'p', project: 'second' },
    },
  })
  const output = await rig.sh(`
    pachctl create project second
    pachctl create repo data
    pachctl create repo data --project second
    echo default | pachctl put file data@master:/file
    echo second | pachctl put file data@master:/file --project second
    pachctl create pipeline -f p.json
    varve run > /dev/null
    pachctl get file p@master:/file --project second
    pachctl config update context --project second > /dev/null
    pachctl get file data@master:/file
    pachctl list pipeline --project second --raw | field .pipeline.project.name
    pachctl list repo --project default --raw | field .repo.name
    pachctl version > /dev/null
    pachctl auth whoami > /dev/null 2>&1 && echo not needed
  `)
  expect(lines(output)).toEqual(['second', 'second', 'second', 'data', 'not needed'])
}, 120_000)

test('a pipeline from creation to deletion: update, stop, start, history, keep its repo', async () => {
  const rig = new ShellRig()
  const spec = (text: string): object => shell('p', 'data', [`echo ${text} > /pfs/out/text`])
  rig.write({ 'one.json': spec('one'), 'two.json': spec('two') })
  const output = await rig.sh(`
    pachctl create repo data
    echo 1 | pachctl put file data@master:/file
    pachctl create pipeline -f one.json
    pachctl create pipeline -f one.json 2> /dev/null || echo exists
    pachctl wait commit p@master > /dev/null
    pachctl update pipeline -f - < two.json
    pachctl wait commit p@master > /dev/null
    pachctl get file p@master:/text
    pachctl get file p@master^:/text
    pachctl list pipeline p --history all --raw | field .version
    pachctl inspect pipeline p --raw > pipeline
    field .details.input.pfs.glob < pipeline; field .details.transform.cmd < pipeline
    field .state < pipeline; field .lastJobState < pipeline
    pachctl delete pipeline p --keep-repo
    pachctl list pipeline --raw
    pachctl get file p@master:/text
    pachctl delete repo p
    pachctl list repo --raw | field .repo.name
  `)
  expect(lines(output)).toEqual([
    'exists',
    'two',
    'one',
    '2',
    '1',
    '/*',
    '["sh"]',
    'PIPELINE_RUNNING',
    'JOB_SUCCESS',
    'two',
    'data',
  ])
}, 120_000)
