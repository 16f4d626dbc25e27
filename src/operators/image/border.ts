/**
 * Mirrors an index into 0..length-1 without repeating the edge (…2 1 | 0 1 2…): OpenCV's
 * `BORDER_REFLECT_101`, its default border. Right for indices at most one outside; a single row or
 * column mirrors onto itself.
 */
export function reflect(index: number, length: number): number {
  if (length === 1) return 0
  if (index < 0) return -index
  return index < length ? index : 2 * length - 2 - index
}
