import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { subject, withRaw } from '../command.ts'
import { timestamp } from '../format.ts'
import { table } from '../table.ts'
import { rawTransaction } from '../views/raw.ts'
import { showMany, type ViewOptions } from '../views/show.ts'

export function listSecrets(cli: Cli, parent: Command): void {
  withRaw(subject(parent, 'secret', 'names and keys of secrets, never their values')).action(
    async (options: ViewOptions) => {
      const varve = await cli.open('read')
      const secrets = await varve.secrets.list()
      await showMany(cli, options, secrets, {
        raw: ({ name, createdAt }) => ({
          secret: { name },
          creationTimestamp: timestamp(createdAt),
        }),
        text: (rows) =>
          table(
            rows,
            [
              { title: 'NAME', value: (row) => row.name },
              { title: 'KEYS', value: (row) => row.keys.join(', ') },
              { title: 'CREATED', value: (row) => timestamp(row.createdAt) },
            ],
            cli.style,
          ),
      })
    },
  )
}

export function listTransactions(cli: Cli, parent: Command): void {
  withRaw(subject(parent, 'transaction', 'transactions that were started and not finished')).action(
    async (options: ViewOptions) => {
      const varve = await cli.open('read')
      const transactions = varve.batches.list()
      await showMany(cli, options, transactions, {
        raw: rawTransaction,
        text: (rows) =>
          table(
            rows,
            [
              { title: 'TRANSACTION', value: (row) => row.id },
              { title: 'STARTED', value: (row) => timestamp(row.startedAt) },
              { title: 'OPS', value: (row) => String(row.requests.length), align: 'right' },
            ],
            cli.style,
          ),
      })
    },
  )
}
