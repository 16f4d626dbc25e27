import { expect, test } from 'vitest'
import { readProject } from './read-project.ts'
import { formatFault } from './spec-fault.ts'

const read = (text: string) => readProject({ file: 'varve.yaml', text })

const project = `
name: photos
repos:
  images: { from: ./photos, description: what we start from }
  scripts:
parameters:
  kernel: 3
settings: { workers: 2 }
images:
  my/opencv: { working_dir: /app, files: { /edges.py: ./edges.py } }
pipelines:
  - pipeline: { name: vol }
    transform: { operator: laplacian-variance, params: { kernel: "\${parameters.kernel}" } }
    input: { pfs: { repo: images, glob: /* } }
  - file: pipelines/more.yaml
`

test('a project file declares repos, pipelines, parameters, settings and images', () => {
  const { project: found, faults } = read(project)
  expect(faults).toEqual([])
  expect(found).toMatchObject({
    name: 'photos',
    repos: [
      { name: 'images', from: './photos', description: 'what we start from' },
      { name: 'scripts', from: undefined, description: '' },
    ],
    pipelines: [{ name: 'vol', transform: { params: { kernel: 3 } } }],
    pipelineFiles: ['pipelines/more.yaml'],
    parameters: { kernel: 3 },
    settings: { workers: 2 },
    images: { 'my/opencv': { workingDir: '/app', files: { '/edges.py': './edges.py' } } },
  })
})

test('repos may be a list of names and maps, and an empty project is a project', () => {
  expect(read('repos: [a, { name: b, from: c }]').project?.repos).toEqual([
    { name: 'a', description: '', from: undefined },
    { name: 'b', description: '', from: 'c' },
  ])
  expect(read('# nothing yet').project?.pipelines).toEqual([])
})

test('faults of the file and of the pipelines inside it come together, with their places', () => {
  const broken = project
    .replace('settings: { workers: 2 }', 'settings: { wrokers: 2 }')
    .replace('glob: /*', 'glob: "/{"')
    .replace('from: ./photos', 'form: ./photos')
    .replace('parameters.kernel', 'parameters.kernal')
  const { project: found, faults } = read(broken)
  expect(found).toBeUndefined()
  expect(faults.map(formatFault)).toEqual([
    'varve.yaml:8:13: settings.wrokers: there is no field "wrokers"; did you mean "workers"?',
    'varve.yaml:13:48: pipelines[0].transform.params: there is no parameter "kernal"; did you mean "kernel"?',
    'varve.yaml:14:35: pipelines[0].input.pfs.glob: The glob "/{" does not compile: "{" is never closed (character 2).',
    'varve.yaml:4:13: repos.images.form: there is no field "form"; did you mean "from"?',
  ])
})

test('a repo given twice and a file of two documents are refused', () => {
  expect(read('repos: [a, a]').faults[0]?.message).toBe('the repo "a" is given twice')
  expect(read('repos: [a]\n---\nrepos: [b]').faults[0]?.message).toBe(
    'a project file holds one document',
  )
  expect(read('[1]').project).toBeUndefined()
})

test('fields of an image may be in camelCase, and one that nobody knows is a fault', () => {
  const { project: found } = read('images: { my/tool: { workingDir: /app } }')
  expect(found?.images).toMatchObject({ 'my/tool': { workingDir: '/app' } })
  const { faults } = read('images:\n  my/tool: { workin_dir: /app }')
  expect(faults.map(formatFault)).toEqual([
    'varve.yaml:2:14: images.my/tool.workin_dir: there is no field "workin_dir"; did you mean "working_dir"?',
  ])
})

test('files of an image are shown at paths a sandbox can show, and others are refused at once', () => {
  const paths = ['edges.py', '/app/../x', '/pfs/in/x', '/proc/x', '/', '/run/secrets/x', '/etc/x']
  const files = paths.map((path) => `"${path}": ./x`).join(', ')
  const { faults } = read(`images:\n  my/tool: { files: { ${files} } }`)
  expect(faults.map(formatFault)).toEqual([
    expect.stringMatching(/^varve.yaml:2:\d+: images.my\/tool.files.edges.py: .*absolute path/),
    expect.stringContaining('"/app/../x" must have no empty, "." or ".." part'),
    expect.stringContaining('"/pfs/in/x" lies in /pfs, which every command has of its own; choose'),
    expect.stringContaining('"/proc/x" lies in /proc'),
    expect.stringContaining('"/" must be an absolute path below "/"'),
  ])
})
