import { inputRefused } from '../input-refused.ts'
import type { OperatorFile } from '../operator.ts'
import { messageOf } from '../../util/index.ts'

/** Values by field name: what a sample's JSON file holds. */
export type Row = Readonly<Record<string, unknown>>

const decoder = new TextDecoder('utf-8', { fatal: true })

/** Reads a file that holds one JSON object; refuses anything else. */
export function parseRow(file: OperatorFile): Row {
  const value = parseJson(file)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Row
  throw inputRefused(file, 'not-an-object', 'it must hold one JSON object.')
}

function parseJson(file: OperatorFile): unknown {
  try {
    return JSON.parse(decoder.decode(file.bytes))
  } catch (error) {
    const message = messageOf(error)
    throw inputRefused(file, 'not-json', message)
  }
}
