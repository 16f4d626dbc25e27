/** The path without the extension of its last part: `a.b/x.jpg` gives `a.b/x`, `.env` stays. */
export function stem(path: string): string {
  const dot = path.lastIndexOf('.')
  return dot > path.lastIndexOf('/') + 1 ? path.slice(0, dot) : path
}

export function withExtension(path: string, extension: string): string {
  return `${stem(path)}.${extension}`
}
