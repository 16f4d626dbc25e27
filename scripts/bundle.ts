/**
 * Puts the command line, as the compiler wrote it, into few files: a start that looks for two
 * hundred modules one by one spends a quarter of its time on that (docs/decisions/0008).
 *
 *   node scripts/bundle.ts FOLDER      writes FOLDER/bin/ from FOLDER/cli/main.js
 *
 * Threads load the compiler's own files, and packages stay where they are, except the one that reads
 * every command line.
 */
import { copyFileSync } from 'node:fs'
import { isAbsolute, join, relative, resolve } from 'node:path'
import util from 'node:util'
import { rolldown } from 'rolldown'

/** What as many parts of the command line share is one file, which every start loads. */
const sharedByMost = 8

/**
 * An import of one of Node's modules reads all it exports, and so loads its lazy parts: `process`
 * opens stdin. Commander, with every start, is given less: the `process` that is there, and of
 * programs, which it would start as subcommands, none. `node:util` is given to all without those parts.
 */
const lightForCommander: Readonly<Record<string, string>> = {
  'node:process': 'export default process',
  'node:child_process': 'export default undefined',
}
const lightForAll: Readonly<Record<string, string>> = {
  'node:util': `export const { ${withoutGetters(util)} } = process.getBuiltinModule('node:util')`,
}
const light = '\0light:'

const folder = resolve(process.argv[2] ?? 'dist')
const program = await rolldown({
  cwd: folder,
  input: './cli/main.js',
  external: isElsewhere,
  platform: 'node',
  plugins: [
    {
      name: 'light-imports',
      resolveId: (name, from) => (isLight(name, from) ? `${light}${name}` : undefined),
      load: (id) => lightSource(id.replace(light, '')),
    },
  ],
})
await program.write({
  dir: 'bin',
  format: 'esm',
  codeSplitting: { groups: [{ name: 'core', minShareCount: sharedByMost }] },
  chunkFileNames: (chunk) => `${nameOf(chunk)}.js`,
  // Names as in the source, for whoever reads a stack; with `--enable-source-maps` lines as well.
  minifyInternalExports: false,
  sourcemap: true,
  sourcemapExcludeSources: true,
})
await program.close()
copyFileSync('node_modules/commander/LICENSE', join(folder, 'bin/LICENSE-commander'))

function isElsewhere(name: string, from: string | undefined): boolean {
  const isFile = name.startsWith('.') || isAbsolute(name) || name.startsWith(light)
  return !isFile && name !== 'commander' && !isLight(name, from)
}

function isLight(name: string, from: string | undefined): boolean {
  const isCommander = from?.includes('/commander/') === true
  return name in lightForAll || (isCommander && name in lightForCommander)
}

function lightSource(name: string): string | undefined {
  return lightForAll[name] ?? lightForCommander[name]
}

function withoutGetters(module: object): string {
  const properties = Object.entries(Object.getOwnPropertyDescriptors(module))
  const names = properties.filter(([, property]) => 'value' in property).map(([name]) => name)
  return names.join(', ')
}

interface Chunk {
  readonly name: string
  readonly facadeModuleId?: string | null
  readonly moduleIds: readonly string[]
}

/** After the path of its last module, which is in no other chunk: `cli-commands-list`. */
function nameOf({ name, facadeModuleId, moduleIds }: Chunk): string {
  const module = facadeModuleId ?? moduleIds.at(-1)
  if (name === 'core' || module === undefined) return name
  return relative(folder, module).replace(/\.js$/, '').replaceAll(/[/\\]/g, '-')
}
