/**
 * The known word a mistyped one most likely meant: two slips away at most, one for a word of three
 * letters, more for a long one (ties go to the first); failing that, one that begins with it or that
 * it begins with.
 */
export function nearest(typed: string, known: Iterable<string>): string | undefined {
  const wanted = typed.toLowerCase()
  const words = [...known]
  let best: string | undefined
  let bestDistance = slipsAllowed(typed.length) + 1
  for (const word of words) {
    const distance = editDistance(wanted, word.toLowerCase())
    if (distance >= bestDistance) continue
    best = word
    bestDistance = distance
  }
  return best ?? words.find((word) => shareBeginning(wanted, word.toLowerCase()))
}

function slipsAllowed(letters: number): number {
  return letters <= 3 ? 1 : Math.max(2, Math.floor(letters / 3))
}

/** Three letters at least, so that a short word is not the beginning of everything. */
function shareBeginning(a: string, b: string): boolean {
  const shorter = Math.min(a.length, b.length)
  return shorter >= 3 && a.slice(0, shorter) === b.slice(0, shorter)
}

/** Damerau's distance with adjacent swaps: "stauts" is one slip from "status". */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const change = (last[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1)
      let least = Math.min(change, (last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1)
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      if (swapped) least = Math.min(least, (beforeLast[column - 2] ?? row) + 1)
      current.push(least)
    }
    beforeLast = last
    last = current
  }
  return last[b.length] ?? 0
}
