/**
 * The known name closest to a mistyped one, if it is close enough to be meant; failing that, one that
 * is its beginning, or begins with it.
 */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (distance >= bestDistance) continue
    best = candidate
    bestDistance = distance
  }
  return best ?? known.find((candidate) => shareBeginning(name.toLowerCase(), candidate))
}

function shareBeginning(name: string, candidate: string): boolean {
  const shorter = Math.min(name.length, candidate.length)
  return shorter >= 3 && name.slice(0, shorter) === candidate.slice(0, shorter)
}

/** Levenshtein distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= b.length; column += 1) {
      const substitution = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1)
      const insertion = (current[column - 1] ?? 0) + 1
      current.push(Math.min(substitution, insertion, (previous[column] ?? 0) + 1))
    }
    previous = current
  }
  return previous[b.length] ?? 0
}
