import type { GroupInfo, TopicInfo } from '../event-bus.ts'
import type { BusFile } from './bus-file.ts'
import { hasEnded } from './member-process.ts'

/** Messages of the topic that the group has not committed. */
export function lagOf(file: BusFile, topic: number, group: number): number {
  return file.number(
    `SELECT sum(last - max(trimmed, coalesce(committed, 0)))
       FROM topic_partition LEFT JOIN group_partition
         ON consumer_group = ? AND group_partition.number = topic_partition.number
       WHERE topic = ?`,
    group,
    topic,
  )
}

export function topicInfos(file: BusFile, now: number): readonly TopicInfo[] {
  const topics = file.all(
    `SELECT id, name, count(*) AS partitions, sum(last - trimmed) AS messages
       FROM topic JOIN topic_partition ON topic = id GROUP BY id ORDER BY name`,
  )
  return topics.map(({ id, name, partitions, messages }) => ({
    topic: String(name),
    partitions: Number(partitions),
    messages: Number(messages),
    groups: groupInfos(file, Number(id), now),
  }))
}

function groupInfos(file: BusFile, topic: number, now: number): readonly GroupInfo[] {
  const groups = 'SELECT id, name FROM consumer_group WHERE topic = ? ORDER BY name'
  return file.all(groups, topic).map(({ id, name }) => ({
    group: String(name),
    lag: lagOf(file, topic, Number(id)),
    members: livingMembers(file, Number(id), now),
    deadLetters: file.number(
      'SELECT count(*) FROM dead_letter WHERE consumer_group = ?',
      Number(id),
    ),
  }))
}

/** Members whose lease runs and whose process has not ended. */
export function livingMembers(file: BusFile, group: number, now: number): number {
  const living = 'SELECT pid, host FROM member WHERE consumer_group = ? AND expires_at > ?'
  const processes = file
    .all(living, group, now)
    .map(({ pid, host }) => ({ pid: Number(pid), host: String(host) }))
  return processes.filter((one) => !hasEnded(one)).length
}
