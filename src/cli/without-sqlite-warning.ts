/**
 * Node 22 calls `node:sqlite` experimental on stderr at its first import. Users of a command can do
 * nothing about it; every other warning still reaches them.
 */
export function withoutSqliteWarning(): void {
  const emit = process.emitWarning.bind(process) as (...args: unknown[]) => void
  process.emitWarning = (...args: unknown[]): void => {
    const [warning, kind] = args
    const isOfSqlite = kind === 'ExperimentalWarning' && String(warning).startsWith('SQLite')
    if (!isOfSqlite) emit(...args)
  }
}
