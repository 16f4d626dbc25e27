import { createHash } from 'node:crypto'
import { VarveError } from '../../model/index.ts'

/** img2dataset's `compute_hash`: of the bytes as downloaded, in hex. */
export const hashKinds = ['none', 'md5', 'sha256', 'sha512'] as const
export type HashKind = (typeof hashKinds)[number]

/** img2dataset's `verify_hash`: the column that says the expected hash. */
export interface HashCheck {
  readonly column: string
  readonly kind: HashKind
}

/** The hash in hex; undefined for `none`. */
export function hashOf(bytes: Uint8Array, kind: HashKind): string | undefined {
  return kind === 'none' ? undefined : createHash(kind).update(bytes).digest('hex')
}

/** `hash mismatch`, img2dataset's text, unless the bytes have the hash expected, in any case. */
export function hashRefusal(hash: string | undefined, expected: string): string | undefined {
  return hash === expected.toLowerCase() ? undefined : 'hash mismatch'
}

/**
 * The pair [column, kind] of `verify_hash`. Throws `OPTIONS_INVALID` unless the kind is one that is
 * computed anyway, as img2dataset asks for.
 */
export function checkHashOptions(
  computed: string,
  verify?: readonly string[],
): HashCheck | undefined {
  const faults: string[] = []
  if (!isHashKind(computed)) {
    faults.push(`computeHash must be one of ${hashKinds.join(', ')}, not "${computed}"`)
  }
  const [column, kind] = verify ?? []
  if (verify !== undefined && (verify.length !== 2 || column === '')) {
    faults.push('verifyHash must be a pair of a column and a kind of hash')
  } else if (verify !== undefined && (kind !== computed || kind === 'none')) {
    faults.push(`verifyHash is of "${kind}" but the hash computed is "${computed}"`)
  }
  if (faults.length > 0) {
    throw new VarveError('OPTIONS_INVALID', {
      what: `Hash options have faults: ${faults.join('; ')}.`,
      data: { faults },
    })
  }
  return column !== undefined && kind !== undefined && isHashKind(kind)
    ? { column, kind }
    : undefined
}

function isHashKind(text: string): text is HashKind {
  return (hashKinds as readonly string[]).includes(text)
}
