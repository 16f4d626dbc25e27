/**
 * The place of a record in the order they were appended, from 1 without gaps; the first ones go
 * when a checkpoint replaced them. A number and not an offset, because compaction moves bytes and
 * never changes the order.
 */
export interface RecordPosition {
  readonly sequence: number
}
