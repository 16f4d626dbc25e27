import type { JsonObject } from '../../model/index.ts'
import type { Store } from '../../repos/index.ts'
import { readSamples, sampleGroups } from '../samples/read-samples.ts'
import { parseColumns, sampleColumns } from '../samples/sample-columns.ts'
import type { Sample } from '../samples/sample.ts'
import type { OutputFile } from '../target/output-file.ts'
import { ColumnTypes } from './column-types.ts'
import { ParquetFile, type ParquetColumn } from './parquet-file.ts'

type Content = Pick<Store['content'], 'read'>

/** Row groups: a table of payloads is read back a group at a time, one of columns as a whole. */
const payloadGroup = { samples: 1000, bytes: 32 << 20 }
const columnGroup = { samples: 10_000, bytes: Infinity }

/**
 * Samples as rows: `key`, then the columns of their `.json`, then (for payloads) a column for each
 * other extension: text for `txt`, else bytes. One schema for all shards, so it is found by reading
 * every `.json` first.
 */
export class SampleTable {
  readonly columns: readonly ParquetColumn[]
  readonly #content: Content
  readonly #extensions: readonly string[]
  readonly #names: readonly string[]

  private constructor(content: Content, types: ColumnTypes, extensions: readonly string[]) {
    const fields = extensions.map((name): ParquetColumn => ({
      name,
      type: name === 'txt' ? 'STRING' : 'BYTE_ARRAY',
    }))
    const found = types.columns().filter(({ name }) => name !== 'key')
    const taken = new Set(extensions)
    const columns = found.map(({ name, type }) => ({
      name: taken.has(name) ? `json.${name}` : name,
      type,
    }))
    this.columns = [{ name: 'key', type: 'STRING' }, ...columns, ...fields]
    this.#content = content
    this.#names = found.map(({ name }) => name)
    this.#extensions = extensions
  }

  static async survey(
    content: Content,
    batches: AsyncIterable<readonly Sample[]>,
    { payloads }: { readonly payloads: boolean },
  ): Promise<SampleTable> {
    const types = new ColumnTypes()
    const extensions = new Set<string>()
    for await (const batch of batches) {
      for (const columns of await sampleColumns(content, batch)) {
        if (columns !== undefined) types.see(columns)
      }
      if (!payloads) continue
      for (const { files } of batch) for (const { extension } of files) extensions.add(extension)
    }
    extensions.delete('json')
    return new SampleTable(content, types, [...extensions].sort())
  }

  async write(samples: readonly Sample[], file: OutputFile): Promise<void> {
    const table = await ParquetFile.create(file, this.columns)
    const limits = this.#extensions.length > 0 ? payloadGroup : columnGroup
    for (const group of sampleGroups(samples, limits)) {
      await table.write(
        this.#extensions.length > 0 ? await this.#payloads(group) : await this.#columnsOf(group),
      )
    }
    await table.finish()
  }

  async #columnsOf(group: readonly Sample[]): Promise<unknown[][]> {
    return this.#cells(group, await sampleColumns(this.#content, group))
  }

  async #payloads(group: readonly Sample[]): Promise<unknown[][]> {
    const bytes = await readSamples(this.#content, group)
    const fieldOf = (sample: number, wanted: string): Uint8Array | undefined =>
      bytes[sample]?.[group[sample]?.files.findIndex(({ extension }) => extension === wanted) ?? -1]
    const columns = group.map(({ key }, at) => {
      const json = fieldOf(at, 'json')
      return json === undefined ? undefined : parseColumns(key, json)
    })
    const fields = this.#extensions.map((extension) =>
      group.map((_, at) => {
        const field = fieldOf(at, extension)
        return extension === 'txt' && field !== undefined ? Buffer.from(field).toString() : field
      }),
    )
    return [...this.#cells(group, columns), ...fields]
  }

  #cells(group: readonly Sample[], columns: readonly (JsonObject | undefined)[]): unknown[][] {
    const keys = group.map(({ key }) => key)
    return [keys, ...this.#names.map((name) => columns.map((of) => of?.[name] ?? null))]
  }
}
