#!/usr/bin/env node
import { enableCompileCache } from 'node:module'

// Before anything else is imported: the compiled code of later starts comes from this cache.
enableCompileCache()
const { runCommandLine } = await import('./run-command-line.ts')
await runCommandLine(process.argv.slice(2))
