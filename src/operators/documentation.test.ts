import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import ts from 'typescript'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodePng } from './image/image.fixture.ts'
import { runOperator, textFile } from './operator.fixture.ts'
import type { Operator } from './operator.ts'

const root = resolve(import.meta.dirname, '../..')
const page = await readFile(join(root, 'docs/adding-an-operator.md'), 'utf8')

/** The TypeScript blocks of the page by the path named in their first line. */
const blocks = new Map(
  [...page.matchAll(/```ts\n\/\/ (\S+)\n(.*?)```/gs)].map(([, path = '', code = '']) => [
    join(root, path),
    code,
  ]),
)

let scratch = ''
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'varve-docs-'))
})
afterAll(() => rm(scratch, { recursive: true, force: true }))

test('the examples of docs/adding-an-operator.md compile where the page says they go', () => {
  expect(blocks.size).toBe(3)
  expect(faults()).toEqual([])
})

test('the image operator of the page runs', async () => {
  const operator = await load('src/operators/image/rms-contrast.ts', 'rmsContrastOperator')
  const bytes = await encodePng({ width: 2, height: 1, channels: 1 }, Uint8Array.of(0, 255))
  const outputs = await runOperator(operator, [{ input: 'images', path: 'x.png', bytes }])
  expect(outputs).toEqual({ 'x.json': '{"rms_contrast":0.5}\n' })
})

test('the table operator of the page does what its test on the page says', async () => {
  const operator = await load('src/operators/table/keep-fields.ts', 'keepFields')
  const files = [textFile('rows', 'x.json', '{"a":1,"b":2,"c":3}')]
  const outputs = await runOperator(operator, files, { fields: ['c', 'a', 'z'] })
  expect(outputs).toEqual({ 'x.json': '{"c":3,"a":1}\n' })
})

/** Type errors of the blocks, compiled by the project's settings as if they were files. */
function faults(): string[] {
  const config = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path))
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root)
  const host = ts.createCompilerHost(options)
  const program = ts.createProgram([...blocks.keys()], options, {
    ...host,
    fileExists: (path) => blocks.has(path) || host.fileExists(path),
    readFile: (path) => blocks.get(path) ?? host.readFile(path),
    getSourceFile: (path, version) => {
      const code = blocks.get(path) ?? host.readFile(path)
      return code === undefined ? undefined : ts.createSourceFile(path, code, version, true)
    },
  })
  return [...blocks.keys()].flatMap((path) => {
    const source = program.getSourceFile(path)
    return [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
    ].map(({ messageText }) => `${path}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`)
  })
}

/** Imports a block from a scratch file; its own imports still lead to the modules of the room. */
async function load(path: string, name: string): Promise<Operator> {
  const target = join(root, path)
  const code = (blocks.get(target) ?? '').replace(/from '(.*?)'/g, (_, specifier: string) => {
    const found = specifier.startsWith('.')
      ? pathToFileURL(resolve(dirname(target), specifier)).href
      : import.meta.resolve(specifier)
    return `from '${found}'`
  })
  const file = join(scratch, `${name}.ts`)
  await writeFile(file, code)
  const module = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Record<
    string,
    Operator
  >
  return module[name] as Operator
}
