import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkout, compileCache, isBuilt } from './program-file.fixture.ts'

const sources = readdirSync(join(checkout, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !/\.(test|contract|fixture)\.ts$/.test(path))
  .map((path) => ({
    path: path.replaceAll(sep, '/'),
    text: readFileSync(join(checkout, 'src', path), 'utf8'),
  }))

/** What the sources call by its path: `programModule('engine/image-task')`. */
function named(by: 'programModule' | 'packageFile'): readonly string[] {
  return sources.flatMap(({ text }) =>
    [...text.matchAll(new RegExp(`\\b${by}\\('([^']+)'\\)`, 'g'))].map(([, path = '']) => path),
  )
}

test('only these ask where they lie, which in a chunk is elsewhere than in the sources', () => {
  const asking = sources.filter(({ text }) => text.includes('import.meta'))
  expect(asking.map(({ path }) => path).sort()).toEqual(['cli/main.ts', 'util/program-files.ts'])
})

test('every file that the sources name by its path is there', () => {
  const modules = named('programModule').map((path) => `src/${path}.ts`)
  const files = [...modules, ...named('packageFile')]
  expect(files.length).toBeGreaterThanOrEqual(6)
  expect(files.filter((path) => !existsSync(join(checkout, path)))).toEqual([])
})

test.runIf(process.env['VARVE_REQUIRE_ALL'] === '1')('the sources are built', () => {
  expect(isBuilt()).toBe(true)
})

describe.skipIf(!isBuilt())('the package, installed in an empty folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'varve-package-'))
  const installed = join(folder, 'node_modules', 'varve')
  let program = ''
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  beforeAll(() => {
    install(folder)
    const { bin } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
      readonly bin: { readonly varve: string }
    }
    program = join(installed, bin.varve)
  })

  const varve = (words: readonly string[], flags: readonly string[] = []): string =>
    execFileSync(process.execPath, [...flags, program, ...words], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, ...compileCache },
      stdio: ['ignore', 'pipe', 'pipe'],
    })

  test('says its version and copies its example', () => {
    expect(varve(['version', '--client-only'])).toMatch(/^\d+\.\d+\.\d+\n$/)
    varve(['init', 'example', '--template', 'image-quality'])
    expect(readdirSync(join(folder, 'example'))).toContain('varve.yaml')
  })

  test('runs operators in threads, and loads no module of ours twice in any thread', () => {
    varve(['init'])
    writeProject(folder, installed)
    varve(['apply'])
    const loaded = join(folder, 'loaded.txt')
    varve(['run'], ['--import', tracer(folder, loaded)])
    expect(varve(['list', 'file', 'vol@master'])).toContain('.json')

    const lines = readFileSync(loaded, 'utf8').trim().split('\n')
    const ours = (thread: string): readonly string[] =>
      lines
        .filter((line) => line.startsWith(`${thread} `) && line.includes('/varve/dist/'))
        .map((line) => line.slice(line.indexOf('/varve/dist/') + '/varve/dist/'.length))
    expect(ours('main')).toContain('bin/core.js')
    expect(ours('main').filter((path) => !path.startsWith('bin/'))).toEqual([])
    expect(ours('worker')).toContain('engine/operator-task.js')
    expect(ours('worker').filter((path) => path.startsWith('bin/'))).toEqual([])
  })

  test('turns the cache of compiled code on before it loads anything of ours', () => {
    const imports = readFileSync(program, 'utf8').matchAll(/^import .* from ["'](.*)["']/gm)
    const others = Array.from(imports, ([, name]) => name ?? '')
    expect(others).toContain('node:module')
    expect(others.filter((name) => !name.startsWith('node:'))).toEqual([])
  })

  test('has every module that its threads load', () => {
    const modules = named('programModule').map((path) => join(installed, 'dist', `${path}.js`))
    expect(modules.filter((path) => !existsSync(path))).toEqual([])
  })
})

/** As npm unpacks what it packed; the packages it needs are those of the checkout. */
function install(folder: string): void {
  const modules = join(folder, 'node_modules')
  mkdirSync(join(modules, 'varve'), { recursive: true })
  const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder]
  const [packed = ''] = execFileSync('npm', pack, { cwd: checkout, encoding: 'utf8' }).split('\n')
  const into = ['-C', join(modules, 'varve'), '--strip-components=1']
  execFileSync('tar', ['-xzf', join(folder, packed), ...into])
  for (const name of readdirSync(join(checkout, 'node_modules'))) {
    if (!name.startsWith('.'))
      symlinkSync(join(checkout, 'node_modules', name), join(modules, name))
  }
}

/** One image, one operator. */
function writeProject(folder: string, installed: string): void {
  const images = join(installed, 'examples/image-quality/images')
  const [image = ''] = readdirSync(images)
  mkdirSync(join(folder, 'images'))
  cpSync(join(images, image), join(folder, 'images', image))
  const vol = {
    pipeline: { name: 'vol' },
    input: { pfs: { repo: 'images', glob: '/*' } },
    transform: { operator: 'laplacian-variance' },
  }
  const project = { repos: [{ name: 'images', from: 'images' }], pipelines: [vol] }
  writeFileSync(join(folder, 'varve.yaml'), JSON.stringify(project))
}

/** A module that writes down what is loaded after it, and in which thread. */
function tracer(folder: string, to: string): string {
  const file = join(folder, 'tracer.mjs')
  const text = `import { appendFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { isMainThread } from 'node:worker_threads'
const thread = isMainThread ? 'main' : 'worker'
registerHooks({
  load: (url, context, next) => {
    appendFileSync(${JSON.stringify(to)}, thread + ' ' + url + '\\n')
    return next(url, context)
  },
})
`
  writeFileSync(file, text)
  return pathToFileURL(file).href
}
