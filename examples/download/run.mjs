/**
 * The story of this folder's README, told by running it:
 *
 *   node examples/download/run.mjs [FOLDER]
 *
 * Needs nothing but Node and this package. What is made lies in FOLDER, which
 * should be empty; a new one is made when none is named.
 * VARVE_MAIN names another program to run as `varve`.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { photographs, startServer } from './server.mjs'

const folder = resolve(process.argv[2] ?? mkdtempSync(join(tmpdir(), 'varve-download-')))
mkdirSync(folder, { recursive: true })
const server = await startServer()
try {
  await tell()
} finally {
  server.close()
}

async function tell() {
  say(`A server with ${photographs.length} photographs listens at ${server.url}.`)

  say('1. One command, as with img2dataset: a list in, shards out.')
  writeList('urls.csv', 'download')
  const download =
    'download --url_list urls.csv --input_format csv --caption_col caption' +
    ' --output_folder out --output_format webdataset --image_size 128' +
    ' --number_sample_per_shard 40 --retries 1 --allow 127.0.0.1'
  await varve(download)
  show('out')

  say('Again: nothing is fetched a second time.')
  await varve(download)

  say(
    '2. The same as a service: what comes out is a repo with versions. It asks once; usually it asks a busy host again.',
  )
  mkdirSync(join(folder, 'project'), { recursive: true })
  writeList('project/urls.csv', 'service')
  await varve('init')
  await varve('create repo images')
  await varve('enqueue urls.csv --repo images --caption_col caption')
  const service =
    'service --repo images --once --allow 127.0.0.1 --media image --resize_mode no --skip_reencode --retries 0'
  await varve(service)
  await varve('status')

  say('Each row ended in one state, and the rows that failed say why.')
  await varve('list items --repo images --status failed')

  say('The busy site answers now; what is gone stays gone.')
  await varve('retry --repo images --error 503')
  await varve(service)

  say('3. Shards for training, with the indexes of two readers, out of the newest commit.')
  await varve('materialize images@master --to shards --sidecar wids,dali')
  show('project/shards')

  say(`Everything lies in ${folder}; delete it when you have seen enough.`)
}

/** Photographs with captions, and what else is in every list of URLs. */
function writeList(name, token) {
  const [first, second] = photographs
  const urls = [
    ...photographs.map((photograph) => `/photos/${photograph}`),
    // The same URL twice, and the same bytes under another one.
    `/photos/${first}`,
    `/photos/${second}`,
    `/photos/${first}?size=large`,
    '/gone/since-2019.jpg',
    '/gone/since-2021.jpg',
    `/busy/${token}/${second}`,
    `/art/${first}`,
    `/private/${first}`,
    '/page.jpg',
  ]
  const rows = urls.map((path) => `${server.url}${path},"${captionOf(path)}"\n`)
  writeFileSync(join(folder, name), `url,caption\n${rows.join('')}`)
}

/** `/photos/black-canyon-1.jpg` → `black canyon, no. 1` */
function captionOf(path) {
  const [, words = 'page', number] = /([a-z-]+?)-?(\d+)?\.jpg/.exec(path) ?? []
  return words.replaceAll('-', ' ') + (number === undefined ? '' : `, no. ${number}`)
}

/** Runs one command in the project, or beside it while there is none, and shows it as typed. */
async function varve(words) {
  console.log(`$ varve ${words}`)
  const project = join(folder, 'project')
  const [code] = await once(
    spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', program(), ...words.split(' ')],
      {
        cwd: existsSync(project) ? project : folder,
        stdio: ['ignore', 'inherit', 'inherit'],
      },
    ),
  )
  if (code !== 0) throw new Error(`varve ${words} ended with ${code}`)
  console.log()
}

/** Ends when the process has. */
function once(child) {
  return new Promise((done, fail) => {
    child.on('error', fail)
    child.on('close', (...how) => done(how))
  })
}

/** The build of this checkout or package, or else its source. */
function program() {
  const places = [
    process.env.VARVE_MAIN,
    join(import.meta.dirname, '../../dist/cli/main.js'),
    join(import.meta.dirname, '../../src/cli/main.ts'),
  ]
  return places.find((file) => file !== undefined && existsSync(file))
}

function show(name) {
  console.log(`${name}: ${readdirSync(join(folder, name)).toSorted().join('  ')}\n`)
}

function say(words) {
  console.log(`# ${words}\n`)
}
