import { VarveError } from '../../model/index.ts'
import type { Cli } from '../cli.ts'
import { grouped, shortId } from '../format.ts'
import { readSpec } from '../spec-source.ts'
import { table } from '../table.ts'

/** `list datum -f SPEC`: the datums a spec would have on the present heads. */
export async function listPlannedDatums(
  cli: Cli,
  options: { readonly file?: string },
): Promise<void> {
  if (options.file === undefined) {
    throw new VarveError('USAGE', {
      what: 'It is not said which datums.',
      next: 'Name a job as PIPELINE@JOB, or a spec with -f.',
    })
  }
  const [source] = await readSpec(cli, options.file)
  const varve = await cli.open('read')
  const datums = await varve.datums.preview(source)
  await cli.print(datums, () =>
    table(
      datums,
      [
        { title: 'DATUM', value: (row) => shortId(row.id) },
        {
          title: 'FILES',
          value: (row) => row.inputs.map(({ name, path }) => `${name}:/${path}`).join(', '),
        },
        {
          title: 'BYTES',
          value: (row) => grouped(row.inputs.reduce((sum, { size }) => sum + size, 0)),
          align: 'right',
        },
      ],
      cli.style,
    ),
  )
}
