import type { DatumInfo } from '../jobs/index.ts'

/** Does the datum read all of these paths, with or without the input's name before them? */
export function readsAll({ inputs }: DatumInfo, paths: readonly string[]): boolean {
  const plain = (path: string): string => path.replace(/^\/(pfs\/)?/, '')
  return paths.every((path) =>
    inputs.some(
      (input) => input.path === plain(path) || `${input.name}/${input.path}` === plain(path),
    ),
  )
}
