import { VarveError } from '../../model/index.ts'
import { streamInBatches } from '../../util/index.ts'
import type { Cli } from '../cli.ts'

/** The options of `withRaw` and `withProject`. */
export interface ViewOptions {
  readonly raw?: boolean
  readonly output?: string
  readonly fullTimestamps?: boolean
  readonly project?: string
}

/** Prints one value in the form asked for. */
export async function showOne<Value>(
  cli: Cli,
  options: ViewOptions,
  value: Value,
  view: { readonly raw: (value: Value) => unknown; readonly text: (value: Value) => string },
): Promise<void> {
  if (!cli.json && wantsRaw(options)) return writeRaw(cli, options, [view.raw(value)])
  return cli.print(value, () => view.text(value))
}

/** Prints a list: one JSON array, a sequence of pachctl's documents, or a table. */
export async function showMany<Value>(
  cli: Cli,
  options: ViewOptions,
  values: readonly Value[],
  view: {
    readonly raw: (value: Value) => unknown
    readonly text: (values: readonly Value[]) => string
  },
): Promise<void> {
  if (!cli.json && wantsRaw(options)) return writeRaw(cli, options, values.map(view.raw))
  return cli.print(values, () => view.text(values))
}

const rowsPerBatch = 2000

/** As `showMany` for lists that need not fit in memory: written in batches as they come. */
export async function showStream<Value>(
  cli: Cli,
  options: ViewOptions,
  values: AsyncIterable<Value>,
  view: {
    readonly raw: (value: Value) => unknown
    readonly text: (values: readonly Value[], first: boolean) => string
  },
): Promise<void> {
  const raw = !cli.json && wantsRaw(options)
  let first = true
  for await (const batch of streamInBatches(values, rowsPerBatch)) {
    if (raw) await writeRaw(cli, options, batch.map(view.raw))
    else if (cli.json) await cli.write((first ? '[\n' : ',\n') + jsonLines(batch))
    else await cli.write(view.text(batch, first))
    first = false
  }
  if (cli.json) await cli.write(first ? '[]\n' : '\n]\n')
}

function jsonLines(batch: readonly unknown[]): string {
  return batch.map((value) => JSON.stringify(value)).join(',\n')
}

export function wantsRaw({ raw, output }: ViewOptions): boolean {
  return raw === true || output !== undefined
}

export function noFormat(output: string): VarveError {
  return new VarveError('USAGE', {
    what: `"${output}" is not a format of output.`,
    next: 'Use -o json or -o yaml.',
  })
}

async function writeRaw(
  cli: Cli,
  { output = 'json' }: ViewOptions,
  documents: readonly unknown[],
): Promise<void> {
  if (output === 'json') {
    return cli.write(documents.map((value) => `${JSON.stringify(value, undefined, 2)}\n`).join(''))
  }
  if (output !== 'yaml') {
    throw noFormat(output)
  }
  const { stringify } = await import('yaml')
  const text = documents.map((value) => stringify(value, { aliasDuplicateObjects: false }))
  return cli.write(text.join('---\n'))
}
