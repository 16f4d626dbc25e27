import { resolve } from 'node:path'
import type { DownloadRequest } from '../engine/index.ts'
import { isVarveError, VarveError } from '../model/index.ts'
import type { Cli } from './cli.ts'
import type { DownloadValues } from './download-options.ts'
import { listFormats, unpackedFormat } from './list-format.ts'
import { usage } from './usage.ts'

const formats = ['files', 'webdataset', 'parquet', 'tfrecord', 'dummy'] as const
const modes = ['incremental', 'overwrite', 'extend'] as const
/** Of no use here, but a word that is none of them is a mistake. */
const distributors = ['multiprocessing', 'pyspark', 'ray'] as const
const hashes = ['md5', 'sha256', 'sha512'] as const

type Image = DownloadRequest['image']

/** The request img2dataset's options make; throws `USAGE` with every fault. */
export function downloadRequest(cli: Cli, values: DownloadValues): DownloadRequest {
  const faults: string[] = []
  const choice = <T extends string>(name: keyof DownloadValues, among: readonly T[]) =>
    oneOf(faults, { name, value: values[name], among })
  if (values.url_list === null) faults.push('--url_list is missing.')
  const told = values.input_format
  const inputFormat = oneOf(faults, {
    name: 'input_format',
    value: typeof told === 'string' ? unpackedFormat(told) : told,
    among: listFormats,
  })
  const outputFormat = choice('output_format', formats)
  const incrementalMode = choice('incremental_mode', modes)
  choice('distributor', distributors)
  const { computeHash, ...rows } = rowOptions(values, faults)
  if (faults.length > 0) throw usage(faults, 'download')
  const list = String(values.url_list)
  return {
    urlList: list === '-' ? list : resolve(cli.workingDirectory, list),
    outputFolder: resolve(cli.workingDirectory, String(values.output_folder)),
    urlColumn: String(values.url_col),
    outputFormat: outputFormat ?? 'files',
    incrementalMode: incrementalMode ?? 'incremental',
    numberSamplePerShard: Number(values.number_sample_per_shard),
    oomShardCount: Number(values.oom_shard_count),
    image: imageOptions(values),
    fetch: fetchOptions(values),
    concurrency: inFlight(values),
    retryFailed: values.retry_failed === true,
    signal: cli.signal,
    ...(values.repo === null ? {} : { repo: String(values.repo) }),
    ...(inputFormat === undefined ? {} : { inputFormat }),
    ...(values.caption_col === null ? {} : { captionColumn: String(values.caption_col) }),
    ...(computeHash === 'none' ? {} : { computeHash }),
    ...rows,
    ...(values.save_additional_columns === null
      ? {}
      : { extraColumns: values.save_additional_columns as readonly string[] }),
    ...(list === '-' ? { input: cli.input() } : {}),
  }
}

/** Hashes and regions; what is wrong with them is added to `faults`. */
export function rowOptions(values: DownloadValues, faults: string[]) {
  const asked = { name: 'compute_hash', value: values.compute_hash, among: hashes }
  const computeHash = oneOf(faults, asked)
  const verify = values.verify_hash as readonly string[] | null
  if (verify !== null && (verify.length !== 2 || verify[1] !== computeHash)) {
    faults.push('--verify_hash takes [column, type], the type being that of --compute_hash.')
  }
  return {
    computeHash: computeHash ?? ('none' as const),
    ...(values.bbox_col === null ? {} : { regionColumn: String(values.bbox_col) }),
    ...(verify?.[0] === undefined ? {} : { verifyColumn: verify[0] }),
  }
}

/** What img2dataset spreads over processes and threads is one number here. */
export function inFlight({
  thread_count: threads,
  processes_count: processes,
}: DownloadValues): number {
  return Math.max(1, Number(threads) * Number(processes))
}

export function imageOptions(values: DownloadValues): Image {
  return {
    imageSize: Number(values.image_size),
    resizeMode: values.resize_mode,
    resizeOnlyIfBigger: values.resize_only_if_bigger,
    upscaleInterpolation: String(values.upscale_interpolation).toLowerCase(),
    downscaleInterpolation: String(values.downscale_interpolation).toLowerCase(),
    encodeFormat: values.encode_format,
    encodeQuality: Number(values.encode_quality),
    skipReencode: values.skip_reencode,
    disableAllReencoding: values.disable_all_reencoding,
    minImageSize: Number(values.min_image_size),
    maxImageArea: Number(values.max_image_area),
    maxAspectRatio: Number(values.max_aspect_ratio),
    extractExif: values.extract_exif,
    // Words among them are checked with all the others where images are processed.
  } as Image
}

/** Faults come with the library's names; who typed img2dataset's knows those. */
export function withOptionNames(error: unknown, verb: 'download' | 'service'): unknown {
  if (isVarveError(error, 'TARGET_FOREIGN') && error.data['flag'] === '--overwrite') {
    const { message: what, data } = error
    return new VarveError('TARGET_FOREIGN', {
      what,
      next: 'Move it away, or choose another --output_folder.',
      data: { path: data['path'] },
    })
  }
  if (!isVarveError(error, 'OPTIONS_INVALID')) return error
  const faults = error.data['faults'] as readonly string[]
  const named = faults.map((fault) => `--${fault.replace(/^[a-z]+([A-Z][a-z]+)*/, snakeCase)}.`)
  return usage(named, verb)
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

export function fetchOptions(values: DownloadValues): DownloadRequest['fetch'] {
  const timeoutMs = Number(values.timeout) * 1000
  return {
    timeoutMs,
    deadlineMs: values.deadline === null ? 3 * timeoutMs : Number(values.deadline) * 1000,
    retries: Number(values.retries),
    maxBytes: Number(values.max_bytes),
    hostConcurrency: Number(values.host_concurrency ?? inFlight(values)),
    hostRate: Number(values.host_rate),
    // As img2dataset: a host that fails often is asked for the rest of the list all the same.
    hostFailures: Number.POSITIVE_INFINITY,
    robotsTxt: values.robots_txt === true,
    allow: (values.allow ?? []) as readonly string[],
    ignoreCertificates: values.ignore_ssl_certificate === true,
    disallowedHeaderDirectives: (values.disallowed_header_directives ?? []) as readonly string[],
    ...(values.user_agent_token === null
      ? {}
      : { userAgentToken: String(values.user_agent_token) }),
  }
}

function oneOf<T extends string>(
  faults: string[],
  asked: { readonly name: string; readonly value: unknown; readonly among: readonly T[] },
): T | undefined {
  const { name, value, among } = asked
  if (value === null) return undefined
  const found = among.find((word) => word === value)
  if (found === undefined) faults.push(`--${name} takes one of ${among.join(', ')}.`)
  return found
}
