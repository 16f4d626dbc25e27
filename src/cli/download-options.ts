import { nearest, unreachable } from '../util/index.ts'
import { usage } from './usage.ts'
import { wordList } from './word-list.ts'

type Value = string | number | boolean | readonly string[] | null
type Kind = 'text' | 'whole' | 'number' | 'flag' | 'list'

interface Option {
  readonly kind: Kind
  readonly fallback: Value
  readonly help: string
  /** Numbers below it are refused. */
  readonly least?: number
}

function option(kind: Kind, fallback: Value, help: string, least?: number): Option {
  return { kind, fallback, help, ...(least === undefined ? {} : { least }) }
}

/** A time of nothing ends before it begins. */
const shortest = 0.001
const infinite = Number.POSITIVE_INFINITY

/** img2dataset's arguments with its defaults, in its order. */
const theirs = {
  url_list: option('text', null, 'file, folder of lists, or - for standard input (required)'),
  image_size: option('whole', 256, 'the side images are brought to'),
  output_folder: option('text', 'images', 'where the shards go'),
  processes_count: option('whole', 1, 'multiplies thread_count; one process does the work', 1),
  resize_mode: option('text', 'border', 'no, keep_ratio, keep_ratio_largest, center_crop, border'),
  resize_only_if_bigger: option('flag', false, 'leave smaller images alone'),
  upscale_interpolation: option('text', 'lanczos', 'nearest, linear, cubic, area, lanczos'),
  downscale_interpolation: option('text', 'area', 'nearest, linear, cubic, area, lanczos'),
  encode_quality: option('whole', 95, 'of jpg and webp; level of png'),
  encode_format: option('text', 'jpg', 'jpg, png, webp'),
  skip_reencode: option('flag', false, 'keep the bytes of images nothing changed'),
  output_format: option('text', 'files', 'files, webdataset, parquet, tfrecord, dummy'),
  input_format: option(
    'text',
    null,
    'txt, csv, tsv, json, jsonl, parquet; by the name if left out',
  ),
  url_col: option('text', 'url', 'column of the URLs'),
  caption_col: option('text', null, 'column of the captions'),
  bbox_col: option('text', null, 'column of regions to blur'),
  thread_count: option('whole', 256, 'requests on their way at once', 1),
  number_sample_per_shard: option('whole', 10_000, 'rows of a shard', 1),
  extract_exif: option('flag', true, 'EXIF tags into the sample'),
  save_additional_columns: option('list', null, 'further columns of the list, as JSON'),
  timeout: option('number', 10, 'seconds to connect, for headers and between bytes', shortest),
  enable_wandb: option('flag', false, 'ignored'),
  wandb_project: option('text', 'img2dataset', 'ignored'),
  oom_shard_count: option('whole', 5, 'digits of the number of a shard', 1),
  compute_hash: option('text', 'sha256', 'md5, sha256, sha512, None'),
  verify_hash: option('list', null, 'column and type, as JSON: ["sha256","sha256"]'),
  distributor: option('text', 'multiprocessing', 'ignored'),
  subjob_size: option('whole', 1000, 'ignored'),
  retries: option('whole', 0, 'tries after the first, with growing pauses', 0),
  disable_all_reencoding: option('flag', false, 'keep bytes as they came'),
  min_image_size: option('whole', 0, 'smallest side'),
  max_image_area: option('number', infinite, 'in pixels'),
  max_aspect_ratio: option('number', infinite, 'longer side over shorter'),
  incremental_mode: option('text', 'incremental', 'incremental, overwrite, extend'),
  max_shard_retry: option('whole', 1, 'ignored: rows are tried again, not shards'),
  user_agent_token: option('text', null, 'name in the user agent, and for opt-outs'),
  disallowed_header_directives: option(
    'list',
    ['noai', 'noimageai', 'noindex', 'noimageindex'],
    'X-Robots-Tag directives that opt out, as JSON; [] for none',
  ),
  ignore_ssl_certificate: option('flag', false, 'take any certificate'),
}

/** What img2dataset has no option for. */
const ours = {
  deadline: option(
    'number',
    null,
    'seconds for a whole request; three times timeout if left out',
    shortest,
  ),
  max_bytes: option('whole', 100 * 1024 * 1024, 'largest body', 1),
  host_concurrency: option(
    'whole',
    null,
    'requests to one host at once; thread_count if left out',
    1,
  ),
  host_rate: option('number', infinite, 'requests a second to one host', shortest),
  repo: option('text', null, 'a repo of this project to fill, not a store in the output folder'),
  retry_failed: option('flag', false, 'fetch rows that failed before once more'),
  robots_txt: option('flag', false, 'obey robots.txt'),
  allow: option('list', [], 'addresses that may be fetched though not public: 127.0.0.1'),
}

const options = { ...theirs, ...ours }
type Name = keyof typeof options
const names = Object.keys(options) as Name[]

export type DownloadValues = Readonly<Record<Name, Value>>

/** Options that are accepted, because scripts name them, and have no meaning here. */
const ignored: ReadonlySet<Name> = new Set([
  'enable_wandb',
  'wandb_project',
  'distributor',
  'subjob_size',
  'max_shard_retry',
])

export interface ParsedDownload {
  readonly values: DownloadValues
  /** Options on the line that do nothing here. */
  readonly ignored: readonly string[]
  /** Names of the options on the line. */
  readonly given: readonly string[]
}

/**
 * Reads a line as img2dataset's `fire` does: `--name value`, `--name=value`, `--name` and `--noname`
 * for flags, `True`/`False`/`None`, lists as JSON. Throws `USAGE` with every fault of the line.
 */
export function parseDownload(
  line: readonly string[],
  verb: 'download' | 'service' = 'download',
): ParsedDownload {
  const given = new Map<Name, Value>()
  const faults: string[] = []
  for (let at = 0; at < line.length; at += 1) {
    const word = line[at] ?? ''
    const parsed = /^--?([A-Za-z][\w-]*)(?:=(.*))?$/s.exec(word)
    if (parsed === null) {
      // As with fire, a word without a dash is the first argument.
      if (!given.has('url_list')) given.set('url_list', word)
      else faults.push(`"${word}" belongs to no option.`)
      continue
    }
    const [name, negated] = nameOf(parsed[1] ?? '')
    if (name === undefined) {
      faults.push(unknown(parsed[1] ?? ''))
      if (parsed[2] === undefined && isValue(line[at + 1])) at += 1
      continue
    }
    const bare = parsed[2] === undefined && !isValue(line[at + 1])
    if (negated || (bare && options[name].kind === 'flag')) {
      given.set(name, !negated)
      continue
    }
    // An option after an option is no value: the second must not vanish in the fault of the first.
    const text = bare ? undefined : (parsed[2] ?? line[(at += 1)])
    const value = text === undefined ? undefined : valueOf(name, text)
    if (value === undefined) faults.push(`--${name} takes ${wanted(options[name])}.`)
    else given.set(name, joined(given.get(name), value))
  }
  if (faults.length > 0) throw usage(faults, verb)
  const fallbacks = Object.fromEntries(names.map((name) => [name, options[name].fallback]))
  return {
    values: { ...(fallbacks as DownloadValues), ...Object.fromEntries(given) },
    ignored: [...given.keys()].filter((name) => ignored.has(name)),
    given: [...given.keys()],
  }
}

const kindNames: Readonly<Record<Kind, string>> = {
  text: 'a word',
  whole: 'a whole number',
  number: 'a number',
  flag: 'True or False',
  list: 'a list as JSON, such as ["a","b"]',
}

function wanted({ kind, least }: Option): string {
  if (least === undefined) return kindNames[kind]
  return least === shortest
    ? `${kindNames[kind]} above 0`
    : `${kindNames[kind]} of at least ${least}`
}

/** Names and help of every option, for `--help` and for completion. */
export function downloadHelp(): string {
  const line = (name: Name): string => {
    const { fallback, help } = options[name]
    const shown = fallback === null ? '' : ` [${JSON.stringify(fallback) ?? ''}]`
    return `  --${name.padEnd(30)} ${help}${shown === ' [null]' ? '' : shown}`
  }
  const of = (group: object): string => (Object.keys(group) as Name[]).map(line).join('\n')
  return `img2dataset's options:\n${of(theirs)}\n\nMore:\n${of(ours)}\n`
}

function nameOf(word: string): [name: Name | undefined, negated: boolean] {
  const text = word.replaceAll('-', '_')
  if (Object.hasOwn(options, text)) return [text as Name, false]
  const positive = text.replace(/^no_?/, '')
  const isFlag = Object.hasOwn(options, positive) && options[positive as Name].kind === 'flag'
  return text !== positive && isFlag ? [positive as Name, true] : [undefined, false]
}

function unknown(word: string): string {
  const close = nearest(word, names)
  return `There is no option --${word}.${close === undefined ? '' : ` Did you mean --${close}?`}`
}

function isValue(word: string | undefined): boolean {
  return word !== undefined && (!/^--?[A-Za-z]/.test(word) || word === '-')
}

/** A list that is given twice is both; of anything else the last one counts. */
function joined(before: Value | undefined, value: Value): Value {
  return Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : value
}

/** Undefined when the text is no such value. */
function valueOf(name: Name, text: string): Value | undefined {
  const { kind, fallback, least = -infinite } = options[name]
  if (text === 'None') return noneOf(name, fallback)
  switch (kind) {
    case 'text':
      return text === '' && name !== 'user_agent_token' ? undefined : text
    case 'flag':
      return { true: true, false: false, '1': true, '0': false }[text.toLowerCase()]
    case 'number':
    case 'whole': {
      const value = /^(inf|float\(.inf.\))$/i.test(text) ? infinite : Number(text)
      const isFine = text.trim() !== '' && value >= least
      return isFine && (kind === 'number' || Number.isInteger(value)) ? value : undefined
    }
    case 'list':
      return wordList(text)
    default:
      return unreachable(kind)
  }
}

/** What `None` says: no value, for what may have none; img2dataset's directives are their default then. */
function noneOf(name: Name, fallback: Value): Value | undefined {
  if (name === 'disallowed_header_directives') return fallback
  return fallback === null || name === 'compute_hash' || name === 'allow' ? null : undefined
}
