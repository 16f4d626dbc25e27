import type { MaterializerParts } from '../types.ts'
import type { RowsOptions, RowsReport } from './types.ts'

export async function writeRows(_parts: MaterializerParts, _o: RowsOptions): Promise<RowsReport> {
  throw new Error('not yet')
}
