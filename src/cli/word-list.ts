/** JSON, Python's quotes, or words between commas; undefined for JSON of something else. */
export function wordList(text: string): readonly string[] | undefined {
  if (!text.trimStart().startsWith('[')) return text.split(',').map((word) => word.trim())
  try {
    const value: unknown = JSON.parse(text.replaceAll("'", '"'))
    return Array.isArray(value) && value.every((each) => typeof each === 'string')
      ? value
      : undefined
  } catch {
    const inside = text.trim().slice(1, -1).trim()
    return inside === '' ? [] : inside.split(',').map((word) => word.trim())
  }
}
