import type { Clock } from '../../util/index.ts'
import type { JoinOptions } from '../event-bus.ts'
import { balance } from '../fair-share.ts'
import type { Assignment, GroupLog, Settlement } from '../topic-log.ts'
import { encodeBatch } from './batch-codec.ts'
import type { BusFile } from './bus-file.ts'
import { hasEnded, thisProcess } from './member-process.ts'
import { SqliteTopic } from './sqlite-topic.ts'

export interface SqliteMember {
  readonly topic: number
  readonly group: number
  readonly id: string
  readonly leaseMs: number
  readonly clock: Clock
}

/** The id of a group; 0 when it does not exist. */
export function groupId(file: BusFile, topic: number, name: string): number {
  return file.number('SELECT id FROM consumer_group WHERE topic = ? AND name = ?', topic, name)
}

/** The id of a group, made when it does not exist. The caller holds the transaction. */
export function makeGroup(
  file: BusFile,
  topic: number,
  { group: name, from = 'oldest' }: Omit<JoinOptions, 'topic'>,
): number {
  const known = groupId(file, topic, name)
  if (known > 0) return known
  file.run('INSERT INTO consumer_group (topic, name) VALUES (?, ?)', topic, name)
  const group = groupId(file, topic, name)
  file.run(
    `INSERT INTO group_partition (consumer_group, number, committed)
       SELECT ?, number, ${from === 'oldest' ? 'trimmed' : 'last'} FROM topic_partition WHERE topic = ?`,
    group,
    topic,
  )
  return group
}

/**
 * The group of one member in the file. Nothing here needs to survive a loss of power: at worst
 * messages come again.
 */
export class SqliteGroup extends SqliteTopic implements GroupLog {
  readonly #file: BusFile
  readonly #member: SqliteMember

  constructor(file: BusFile, member: SqliteMember) {
    super(file, member.topic)
    this.#file = file
    this.#member = member
  }

  generation(): number {
    const { group } = this.#member
    return this.#file.number('SELECT generation FROM consumer_group WHERE id = ?', group)
  }

  renew(idle: readonly number[]): Assignment {
    const { group, id } = this.#member
    return this.#file.transaction('relaxed', () => {
      this.#renewLease()
      const rows = this.#partitions()
      const members = this.#file
        .all('SELECT id FROM member WHERE consumer_group = ? ORDER BY place', group)
        .map((row) => String(row['id']))
      const owners = rows.map(({ owner }) => owner)
      const answer = balance({ member: id, members, owners, idle })
      for (const partition of answer.claimed) this.#give(partition, id)
      for (const partition of answer.released) this.#give(partition, null)
      if (answer.released.length > 0) this.#turnGeneration()
      const offsetOf = (partition: number): number => rows[partition]?.committed ?? 0
      return {
        generation: this.generation(),
        kept: answer.kept,
        claimed: new Map(answer.claimed.map((partition) => [partition, offsetOf(partition)])),
        surplus: answer.surplus,
      }
    })
  }

  settle(settlement: Settlement): ReadonlySet<number> {
    const { group, id } = this.#member
    const { offsets, buried, burial } = settlement
    return this.#file.transaction('relaxed', () => {
      const rows = this.#file.all(
        'SELECT number FROM group_partition WHERE consumer_group = ? AND owner = ?',
        group,
        id,
      )
      const held = new Set(rows.map(({ number }) => Number(number)))
      for (const [partition, offset] of offsets) {
        if (!held.has(partition)) continue
        this.#file.run(
          `UPDATE group_partition SET committed = max(committed, ?)
             WHERE consumer_group = ? AND number = ?`,
          offset,
          group,
          partition,
        )
      }
      const letters = buried.filter(({ partition }) => held.has(partition))
      if (burial !== undefined) this.#bury({ offsets, buried: letters, burial })
      return held
    })
  }

  leave(): void {
    this.#file.transaction('relaxed', () => this.#remove(this.#member.id))
  }

  #bury({ buried, burial }: Settlement): void {
    for (const message of buried) {
      this.#file.run(
        `INSERT OR REPLACE INTO dead_letter (consumer_group, partition, message_offset, message,
           reason, attempts, buried_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
        this.#member.group,
        message.partition,
        message.offset,
        encodeBatch([
          { ...(message.key === undefined ? {} : { key: message.key }), fact: message.fact },
        ]),
        burial?.reason ?? '',
        (message.attempts ?? 0) + (burial?.attempts ?? 1),
        this.#member.clock.now(),
      )
    }
  }

  #renewLease(): void {
    const { group, id, leaseMs, clock } = this.#member
    const now = clock.now()
    const others = this.#file.all(
      'SELECT id, expires_at, pid, host FROM member WHERE consumer_group = ? AND id <> ?',
      group,
      id,
    )
    for (const row of others) {
      const runsIn = { pid: Number(row['pid']), host: String(row['host']) }
      if (Number(row['expires_at']) <= now || hasEnded(runsIn)) this.#remove(String(row['id']))
    }
    const until = now + leaseMs
    const renewed = this.#file.run('UPDATE member SET expires_at = ? WHERE id = ?', until, id)
    if (renewed > 0) return
    const { pid, host } = thisProcess()
    this.#file.run(
      'INSERT INTO member (consumer_group, id, expires_at, pid, host) VALUES (?, ?, ?, ?, ?)',
      group,
      id,
      until,
      pid,
      host,
    )
    this.#turnGeneration()
  }

  #partitions(): readonly { readonly owner: string | undefined; readonly committed: number }[] {
    const rows = this.#file.all(
      'SELECT committed, owner FROM group_partition WHERE consumer_group = ? ORDER BY number',
      this.#member.group,
    )
    return rows.map(({ committed, owner }) => ({
      committed: Number(committed),
      owner: typeof owner === 'string' ? owner : undefined,
    }))
  }

  #give(partition: number, owner: string | null): void {
    this.#file.run(
      'UPDATE group_partition SET owner = ? WHERE consumer_group = ? AND number = ?',
      owner,
      this.#member.group,
      partition,
    )
  }

  #remove(member: string): void {
    this.#file.run('DELETE FROM member WHERE id = ?', member)
    const freed = 'UPDATE group_partition SET owner = NULL WHERE consumer_group = ? AND owner = ?'
    this.#file.run(freed, this.#member.group, member)
    this.#turnGeneration()
  }

  #turnGeneration(): void {
    const turned = 'UPDATE consumer_group SET generation = generation + 1 WHERE id = ?'
    this.#file.run(turned, this.#member.group)
  }
}
