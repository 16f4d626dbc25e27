import { readdir } from 'node:fs/promises'
import { systemCode } from '../../util/index.ts'
import { fileFault } from './file-fault.ts'

/** Names directly below a folder; none when there is no such folder. */
export async function rootEntries(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return []
    throw fileFault(error, 'list', folder)
  }
}
