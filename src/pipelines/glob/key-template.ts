/**
 * Fills `$1`, `${1}`, `$0` (the whole match) and `$$` (a dollar) of a `join_on` or `group_by` with
 * what a glob captured. A group that does not exist, or took no part, gives ''.
 */
export function expandKey(template: string, captures: readonly string[]): string {
  if (!template.includes('$')) return template
  return template.replace(/\$(?:(\$)|(\d+)|\{(\d+)\})/g, (_, dollar, plain, braced) => {
    if (dollar !== undefined) return '$'
    return captures[Number(plain ?? braced)] ?? ''
  })
}
