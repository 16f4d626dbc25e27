import type { Command } from 'commander'
import type { DownloadProgress, DownloadReport, DownloadRequest } from '../../engine/index.ts'
import { unreachable } from '../../util/index.ts'
import type { Cli } from '../cli.ts'
import { verb } from '../command.ts'
import { downloadHelp, parseDownload } from '../download-options.ts'
import { downloadRequest, withOptionNames } from '../download-request.ts'
import { plural } from '../format.ts'
import { keepHeapSmall } from '../small-heap.ts'
import { statusLine } from '../status-line.ts'
import { errorTable } from '../views/ingest.ts'
import { serviceLine } from '../views/service.ts'

export function download(cli: Cli): Command {
  return verb('download', 'Fetches the URLs of a list into shards, as img2dataset does')
    .argument('[words...]', "img2dataset's own options")
    .allowUnknownOption()
    .addHelpText('after', () => `\n${downloadHelp()}`)
    .action(async (words: readonly string[]) => runDownload(cli, words))
}

async function runDownload(cli: Cli, words: readonly string[]): Promise<void> {
  const { values, ignored } = parseDownload(words)
  for (const name of ignored) cli.note(`--${name} does nothing here.`)
  const request = downloadRequest(cli, values)
  keepHeapSmall()
  const line = statusLine(cli)
  const report = await downloadTo(cli, {
    ...request,
    progress: (progress) => line.show(() => progressText(progress)),
  })
    .catch((error: unknown) => {
      throw withOptionNames(error, 'download')
    })
    .finally(() => line.clear())
  for (const { name, bad, badRows } of report.lists) {
    if (bad === 0) continue
    const [first] = badRows
    cli.note(`${name}: ${plural(bad, 'row')} made no sense; line ${first?.line}: ${first?.reason}`)
  }
  await cli.print(report, () => reportText(cli, report))
}

/** A store in the output folder, or the repo that is named. */
async function downloadTo(cli: Cli, request: DownloadRequest): Promise<DownloadReport> {
  if (request.repo !== undefined) return (await cli.open('write')).download(request)
  const { downloadInto } = await import('../../engine/index.ts')
  return downloadInto(request)
}

function progressText(progress: DownloadProgress): string {
  switch (progress.kind) {
    case 'enqueued':
      return `read ${plural(progress.rows, 'row')}`
    case 'fetching':
      return serviceLine(progress.service)
    case 'shard':
      return `wrote shard ${progress.shard.shard}`
    default:
      return unreachable(progress)
  }
}

const shownErrors = 5
const again = '\nThe same command with --retry_failed fetches what failed once more.\n'

function reportText(cli: Cli, report: DownloadReport): string {
  const { count, successes, failedToDownload, failedToResize, shards, kept, errors } = report
  if (shards === 0 && kept > 0)
    return `Nothing to do: ${plural(kept, 'shard')} made before, none missing.\n`
  const old = kept > 0 ? `; ${plural(kept, 'shard')} made before` : ''
  return (
    `${plural(count, 'row')}: success ${successes}, failed to download ${failedToDownload}, ` +
    `failed to resize ${failedToResize}\n${plural(shards, 'shard')}${old}\n` +
    (errors.length === 0 ? '' : `\n${errorTable(cli, errors.slice(0, shownErrors))}${again}`)
  )
}
