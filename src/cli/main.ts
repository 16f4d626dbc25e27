#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import { availableParallelism, homedir } from 'node:os'
import { join } from 'node:path'
import { resolveOwnImports } from './own-imports.ts'
import { withoutSqliteWarning } from './without-sqlite-warning.ts'

// Before anything else is imported: the compiled code of later starts comes from this cache. Its
// folder belongs to the user, so that one user's files never keep another from having a cache.
const { NODE_COMPILE_CACHE: named, XDG_CACHE_HOME: caches } = process.env
enableCompileCache(named ?? join(caches ?? join(homedir(), '.cache'), 'varve', 'compiled'))
// Read when the first work is handed to them, such as an image to decode: one for each core.
process.env['UV_THREADPOOL_SIZE'] ??= String(Math.max(4, availableParallelism()))
withoutSqliteWarning()
resolveOwnImports(new URL('..', import.meta.url).href)
const { runCommandLine } = await import('./run-command-line.ts')
await runCommandLine(process.argv.slice(2))
