/**
 * Reads an option that may stand on the line several times, one value each. A variadic option of
 * commander would take the words behind it as well: `-f a.jpg data@master` names one file.
 */
export function collected(value: string, before: readonly string[] = []): string[] {
  return [...before, value]
}
