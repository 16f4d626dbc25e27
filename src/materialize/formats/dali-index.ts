import { VarveError } from '../../model/index.ts'
import { fileName, type Sample } from '../samples/sample.ts'
import { memberLayout } from './tar-header.ts'

/**
 * The index NVIDIA DALI reads beside a TAR shard (what its `wds2idx` writes, v1.2): the number of
 * samples, then a line for each with `extension offset size name` of every member. Offsets are those
 * of the payload. Known from names and sizes alone.
 */
export function daliIndex(samples: readonly Sample[]): string {
  const lines = [`v1.2 ${samples.length}`]
  let at = 0
  for (const sample of samples) {
    const words: (string | number)[] = []
    for (const file of sample.files) {
      const name = fileName(sample, file)
      if (/\s/.test(name)) throw blankInName(name)
      const { header, padding } = memberLayout(name, file.size)
      words.push(file.extension, at + header, file.size, name)
      at += header + file.size + padding
    }
    lines.push(words.join(' '))
  }
  return `${lines.join('\n')}\n`
}

function blankInName(path: string): VarveError {
  return new VarveError('SAMPLE_INVALID', {
    what: `"${path}" has a blank in its name, which a DALI index cannot hold.`,
    next: 'Rename the file, or leave the sidecar "dali" out.',
    data: { path },
  })
}
