import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isVarveError } from '../../model/index.ts'
import { readPipelines, type ReadOptions } from './read-pipelines.ts'
import { formatFault, refuseFaults } from './spec-fault.ts'

const read = (text: string, options?: ReadOptions) =>
  readPipelines({ file: 'p.yaml', text }, options)
/** Faults as "line:column path message". */
const faults = (text: string, options?: ReadOptions) =>
  read(text, options).faults.map((fault) => formatFault(fault).replace('p.yaml:', ''))

const edges = `{
  "pipeline": {"name": "edges"},
  "transform": {
    "cmd": ["python3", "/edges.py"],
    "image": "pachyderm/opencv",
  },
  "input": {"pfs": {"repo": "images", "glob": "/*"}},
}`
const minimal = (rest: string) => `
pipeline: { name: p }
transform: { cmd: [sh] }
${rest}`
const withInput = (rest: string) => minimal(`input: { pfs: { repo: r, glob: /* } }\n${rest}`)

test('a published spec becomes an effective one with every default filled in', () => {
  const { specs, faults } = read(edges)
  expect(faults).toEqual([])
  expect(specs).toMatchObject([
    {
      name: 'edges',
      project: 'default',
      transform: { kind: 'command', cmd: ['python3', '/edges.py'], acceptReturnCode: [], env: {} },
      input: { kind: 'pfs', name: 'images', repo: 'images', branch: 'master', glob: '/*' },
      outputBranch: 'master',
      datumTries: 3,
      reprocessSpec: 'until_success',
      parallelism: undefined,
      cache: true,
      onFailure: 'fail',
    },
  ])
  expect(JSON.parse(JSON.stringify(specs[0]))).toMatchObject({ name: 'edges' })
})

test.each([
  ['JSON objects in a row', `${edges}\n${edges.replace('edges"', 'montage"')}`],
  ['YAML documents', `${withInput('')}\n---\n${withInput('').replace('name: p', 'name: q')}`],
  ['one array', `[${edges},\n${edges.replace('edges"', 'montage"')}]`],
])('several specs in one file: %s', (_, text) => {
  const { specs, faults } = read(text)
  expect(faults).toEqual([])
  expect(specs).toHaveLength(2)
})

test('a fault in a later JSON object is reported at its own line', () => {
  const broken = edges.replace('"glob"', '"globb"')
  expect(faults(`${edges}\n${broken}`)).toEqual([
    '15:39: input.pfs.globb: there is no field "globb"; did you mean "glob"?',
    '15:13: input.pfs.glob: is missing',
  ])
})

test('a timeout longer than a timer can wait means the longest there is', () => {
  const { specs } =
    read(`{"pipeline": {"name": "p"}, "transform": {"cmd": ["a"]}, "job_timeout": "720h",
    "datum_timeout": "${'9'.repeat(400)}h", "input": {"pfs": {"repo": "r", "glob": "/*"}}}`)
  const longest = 2 ** 31 - 1
  expect(specs).toMatchObject([{ jobTimeoutMs: longest, datumTimeoutMs: longest }])
})

test('camelCase, numbers as text, durations, sizes, null and $schema are understood', () => {
  const { specs, faults } = read(`{
    "$schema": "https://example.org/spec.json",
    "pipeline": {"name": "p", "project": {"name": "vision"}},
    "transform": {"cmd": ["a"], "acceptReturnCode": ["3"], "errCmd": null, "env": {"PORT": 80}},
    "parallelismSpec": {"constant": "2"},
    "datumTimeout": "1m30s", "job_timeout": "0.5s", "datum_tries": 5,
    "datum_set_spec": {"size_bytes": "1K"},
    "resource_limits": {"memory": "64Mi", "cpu": "500m"},
    "egress": {"URL": "file:///out"},
    "input": {"pfs": {"repo": "r", "glob": "/(*)", "joinOn": "$1", "emptyFiles": "true", "propagationSpec": {"never": true}}}
  }`)
  expect(faults).toEqual([])
  expect(specs[0]).toMatchObject({
    project: 'vision',
    parallelism: 2,
    datumTimeoutMs: 90_000,
    jobTimeoutMs: 500,
    datumTries: 5,
    datumSetSpec: { sizeBytes: 1000 },
    resourceLimits: { memoryBytes: 64 * 1024 * 1024, cpu: 0.5 },
    egressUrl: 'file:///out',
    transform: { acceptReturnCode: [3], errCmd: undefined, env: { PORT: '80' } },
    input: { joinOn: '$1', emptyFiles: true, propagate: false, project: 'vision' },
  })
})

test('all faults of a file come at once, each with its place', () => {
  const text = `pipeline:
  name: "no/slash"
transform:
  cmd: sh
  enviroment: { A: b }
parallelism_spec:
  constant: many
input: { pfs: { repo: r, glob: "/[a" } }
reprocess_spec: sometimes
`
  expect(faults(text)).toEqual([
    '5:3: transform.enviroment: there is no field "enviroment"; did you mean "env"?',
    '4:3: transform.cmd: must be a list',
    '7:3: parallelism_spec.constant: must be a whole number of at least 1',
    '9:1: reprocess_spec: must be one of "until_success", "every_job"',
    '2:3: pipeline.name: "no/slash" cannot name a pipeline. Use letters and digits of any language, "-", "_" and "."; a letter or a digit comes first.',
    '8:26: input.pfs.glob: The glob "/[a" does not compile: "[" is never closed (character 2).',
  ])
})

test('an input is a folder for its command: its name is one a folder can have', () => {
  const long = '雪'.repeat(128)
  const text = (name: string): string => `pipeline: { name: p }
transform: { cmd: [a] }
input: { pfs: { repo: ${long}, glob: /${name} } }
`
  expect(faults(text(''))).toEqual([
    `3:17: input.pfs.repo: "${long.slice(0, 20)}…" is too long for the name of an input: 384 bytes, as a folder. Use at most 255 bytes of UTF-8.`,
  ])
  expect(read(text(', name: snow')).specs[0]).toMatchObject({ input: { repo: long, name: 'snow' } })
})

test('a line of a script that YAML takes for a map is told to need quotes', () => {
  const text = `pipeline: { name: p }
input: { pfs: { repo: r, glob: / } }
transform:
  cmd: [python3]
  stdin:
    - import os
    - for name in os.listdir('.'):
    - [a]
`
  expect(faults(text)).toEqual([
    '7:7: transform.stdin[1]: must be text; with ": " in it or ":" at its end it needs quotes',
    '8:7: transform.stdin[2]: must be text',
  ])
})

test.each([
  ['/data/out', 'file:///data/out'],
  ['file:///data/out', 'file:///data/out'],
  ['file://localhost/data/out', 'file://localhost/data/out'],
])('egress goes to a folder by its whole path: %s', (url, egressUrl) => {
  expect(read(egressTo(url)).specs[0]).toMatchObject({ egressUrl })
})

test.each(['out', './out', 'file:out', 'file://host/out'])(
  'egress to %s is refused before anything runs',
  (url) => {
    expect(faults(egressTo(url))).toEqual([
      `4:11: egress.url: "${url}" must be a folder by its whole path: file:///data/out`,
    ])
  },
)

function egressTo(url: string): string {
  return `pipeline: { name: p }
transform: { cmd: [a] }
input: { pfs: { repo: r, glob: / } }
egress: { url: '${url}' }
`
}

test('what one field cannot tell alone is checked as well', () => {
  const text = `pipeline:
  name: "no/slash"
transform: {}
input:
  cross:
    - pfs: { repo: r, glob: "/[a" }
      cron: { name: t, spec: "* * *" }
    - pfs: { repo: out, glob: / }
    - pfs: { repo: r, glob: /(*), join_on: $2 }
    - {}
`
  expect(faults(text)).toEqual([
    '2:3: pipeline.name: "no/slash" cannot name a pipeline. Use letters and digits of any language, "-", "_" and "."; a letter or a digit comes first.',
    '3:1: transform: give "cmd", "operator" or "process": there is nothing to run',
    '6:7: input.cross[0]: multiple input types set: "pfs" and "cron"; put them into a "cross" or "union"',
    '6:23: input.cross[0].pfs.glob: The glob "/[a" does not compile: "[" is never closed (character 2).',
    '8:7: input.cross[1].pfs: the name "out" is taken by the output; give another "name"',
    '9:35: input.cross[2].pfs.join_on: $2 is always empty: the glob "/(*)" has 1 group(s) in parentheses',
    '10:7: input.cross[3]: give one of "pfs", "cron", "cross", "union", "join" and "group"',
    '9:7: input.cross[2]: two inputs are named "r"; give one another "name"',
  ])
})

test.each([
  ['s3_out: true', 's3_out'],
  ['service: { internal_port: 80 }', 'service'],
  ['spout: {}', 'spout'],
  ['egress: { sql_database: { url: x } }', 'egress.sql_database'],
  ['egress: { url: "s3://bucket" }', 'egress.url'],
])('a field that changes results and is not supported is an error: %s', (line, path) => {
  const { specs, faults } = read(withInput(line))
  expect(specs).toEqual([])
  expect(faults).toMatchObject([{ code: 'NOT_SUPPORTED', severity: 'error', path }])
})

test('SQL transforms and S3 inputs are refused as not supported, and s3: false is fine', () => {
  const sql = read(
    'pipeline: {name: p}\ntransform: {sql: select 1}\ninput: {pfs: {repo: r, glob: /, s3: true}}',
  )
  expect(sql.faults.map(({ code, path }) => [code, path])).toEqual([
    ['NOT_SUPPORTED', 'transform.sql'],
    ['NOT_SUPPORTED', 'input.pfs.s3'],
  ])
  expect(read(minimal('input: { pfs: { repo: r, glob: /, s3: false } }')).faults).toEqual([])
})

test('fields of clusters and of older versions are kept and reported as ignored', () => {
  const { specs, faults } = read(withInput('enable_stats: true\npod_spec: "{}"\nstandby: true'))
  expect(faults.map(({ severity, path, line }) => [severity, path, line])).toEqual([
    ['warning', 'enable_stats', 5],
    ['warning', 'pod_spec', 6],
    ['warning', 'standby', 7],
  ])
  expect(specs[0]?.ignored).toEqual({ enable_stats: true, pod_spec: '{}', standby: true })
})

test('our additions: operators, chains of operators, cache and on_failure', () => {
  const operator = read(`
pipeline: { name: p }
transform: { operator: laplacian-variance, params: { kernel: 3 } }
input: { pfs: { repo: r, glob: /* } }
cache: false
on_failure: continue
`)
  expect(operator.specs[0]).toMatchObject({
    transform: { kind: 'operator', operator: 'laplacian-variance', params: { kernel: 3 } },
    cache: false,
    onFailure: 'continue',
  })
  const chain = read(`
pipeline: { name: p }
transform: { process: [copy, resize: { width: 10 }, flip: ] }
input: { pfs: { repo: r, glob: /* } }
`)
  expect(chain.faults).toEqual([])
  expect(chain.specs[0]?.transform).toEqual({
    kind: 'process',
    process: [
      { operator: 'copy', params: {} },
      { operator: 'resize', params: { width: 10 } },
      { operator: 'flip', params: {} },
    ],
  })
})

test('inputs nest, union members may share a name, and cron has a repo of its own', () => {
  const { specs, faults } = read(
    minimal(`
input:
  cross:
    - union:
        - pfs: { repo: a, name: x, glob: / }
        - pfs: { repo: b, name: x, glob: / }
    - cron: { name: tick, spec: "@every 30s", start: "2026-01-01T00:00:00Z" }`),
  )
  expect(faults).toEqual([])
  expect(specs[0]?.input).toMatchObject({
    kind: 'cross',
    inputs: [
      {
        kind: 'union',
        inputs: [
          { name: 'x', repo: 'a' },
          { name: 'x', repo: 'b' },
        ],
      },
      { kind: 'cron', repo: 'p_tick', glob: '/*', startMs: Date.UTC(2026, 0, 1) },
    ],
  })
})

test('triggers are read and must be able to fire', () => {
  const trigger = (fields: string) =>
    minimal(`input: { pfs: { repo: r, glob: /, trigger: { ${fields} } } }`)
  expect(
    read(trigger('branch: dev, size: 10K, commits: 2, all: true')).specs[0]?.input,
  ).toMatchObject({
    trigger: { branch: 'dev', sizeBytes: 10_000, commits: 2, all: true },
  })
  expect(faults(trigger('branch: dev'))).toEqual([
    '4:35: input.pfs.trigger: give "size", "commits", "rate_limit_spec" or "cron_spec": it would never fire',
  ])
})

test('defaults lie under the spec of the user, field by field', () => {
  const defaults = [
    { file: 'cluster', text: 'datum_tries: 1\ntransform: { env: { A: a, B: b } }' },
    { file: 'project', text: '{"datumTries": 2, "jobTimeout": "5s"}' },
  ]
  const { specs, faults } = read(
    withInput('').replace('cmd: [sh]', 'cmd: [sh], env: { B: mine }'),
    { defaults },
  )
  expect(faults).toEqual([])
  expect(specs[0]).toMatchObject({
    datumTries: 2,
    jobTimeoutMs: 5000,
    transform: { env: { A: 'a', B: 'mine' } },
  })
})

test('parameters keep their type when they stand alone and are written out inside a text', () => {
  const text = withInput('datum_tries: ${parameters.tries}').replace(
    '[sh]',
    '["x-${parameters.tries}", "${HOME}"]',
  )
  const { specs, faults } = read(text, { parameters: { tries: 4 } })
  expect(faults).toEqual([])
  expect(specs[0]).toMatchObject({ datumTries: 4, transform: { cmd: ['x-4', '${HOME}'] } })
  expect(read(text, { parameters: { trys: 4 } }).faults[0]?.message).toBe(
    'there is no parameter "tries"; did you mean "trys"?',
  )
})

test('names may be in any script and of any sensible length', () => {
  const { faults, specs } = read(
    withInput('').replace('name: p', `name: картинки-${'x'.repeat(60)}`),
  )
  expect(faults).toEqual([])
  expect(specs).toHaveLength(1)
})

describe('broken files', () => {
  test('whatever is cut out of a spec or put into it, the answer is faults with places, never a crash', () => {
    const whole = `${withInput('metadata: { labels: { a: b } }')}
egress: { url: x }
parallelism_spec: { constant: 1 }`
    const scraps = fc.constantFrom(
      '[',
      ']',
      '{',
      '}',
      ':',
      '- ',
      '\n',
      '"',
      '&a',
      '*a',
      'null',
      '1',
      '\t',
      '~',
      '!!x ',
      '? ',
      '---\n',
      '<<: ',
    )
    const at = fc.nat(whole.length)
    fc.assert(
      fc.property(at, fc.nat(12), fc.array(scraps, { maxLength: 3 }), (start, length, put) => {
        const text = whole.slice(0, start) + put.join('') + whole.slice(start + length)
        const { specs, faults } = read(text)
        const errors = faults.filter(({ severity }) => severity === 'error')
        expect(specs.length + errors.length).toBeGreaterThan(0)
        for (const { line, column, message } of faults) {
          expect(line).toBeGreaterThan(0)
          expect(column).toBeGreaterThan(0)
          expect(message).not.toBe('')
        }
      }),
      { numRuns: 1500 },
    )
  })

  test('a syntax error is reported at its place', () => {
    const [fault] = read('pipeline: { name: p\ntransform: [').faults
    expect(fault).toMatchObject({ severity: 'error', code: 'SPEC_INVALID', file: 'p.yaml' })
    expect(fault?.line).toBeGreaterThan(1)
  })

  test('aliases are refused, so that no few lines stand for gigabytes', () => {
    expect(faults('a: &a [1]\nb: [*a, *a]')[0]).toMatch(/^2:5: YAML aliases are not supported/)
    expect(faults('&a [*a]')).toHaveLength(1)
  })

  test('an empty file, a scalar and a pipeline given twice are faults, not crashes', () => {
    expect(faults('')).toEqual(['1:1: the file holds no pipeline'])
    expect(faults('hello')).toEqual(['1:1: must be a map'])
    expect(faults(`${edges}\n${edges}`)).toEqual(['1:1: the pipeline "edges" is given twice'])
  })

  test('refusing lists every error in one exception and lets warnings pass', () => {
    const broken = read(withInput('a: 1\nb: 2\nstandby: true'))
    try {
      refuseFaults(broken.faults)
      expect.unreachable()
    } catch (error) {
      if (!isVarveError(error, 'SPEC_INVALID')) throw error
      expect(error.message.split('\n')).toHaveLength(2)
      expect(error.data['faults']).toHaveLength(2)
    }
    expect(() => refuseFaults(read(withInput('standby: true')).faults)).not.toThrow()
  })
})

test('a secret is mounted where a sandbox can show it, or refused with its place', () => {
  const spec = (path: string) =>
    minimal('input: { pfs: { repo: r, glob: /* } }').replace(
      'cmd: [sh]',
      `cmd: [sh], secrets: [{ name: db, mount_path: ${path} }]`,
    )
  expect(faults(spec('/etc/app/'))).toEqual([])
  expect(faults(spec('/pfs'))).toEqual([
    '3:47: transform.secrets[0].mount_path: "/pfs" lies in /pfs, which every command has of its own; choose a path such as "/run/secrets/NAME"',
  ])
})
