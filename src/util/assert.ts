/**
 * Throws when the program itself is wrong. The caller's mistakes and the world's faults are
 * `VarveError`s; a failed invariant is a bug report.
 */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`Bug in Varve, please report it: ${message}`)
}

/** Closes a `switch` over a union: the compiler names the case that is missing. */
export function unreachable(value: never): never {
  throw new Error(`Bug in Varve, please report it: unexpected ${JSON.stringify(value)}`)
}
