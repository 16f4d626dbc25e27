/**
 * `src` in a checkout, `dist` once built. Here alone the program asks where it lies: the build puts
 * most files together into chunks, which lie elsewhere than their sources, but as deep as this one.
 */
const programFolder = new URL('..', import.meta.url)
const ending = import.meta.url.endsWith('.ts') ? '.ts' : '.js'

/** A module that threads load by its name, given by its path below the program without an ending. */
export function programModule(path: string): URL {
  return new URL(`${path}${ending}`, programFolder)
}

/** A file or folder of the package, given by its path beside `package.json`. */
export function packageFile(path: string): URL {
  return new URL(`../${path}`, programFolder)
}
