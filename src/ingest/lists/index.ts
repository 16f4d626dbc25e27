/** Folder `lists`: rows out of URL lists of any size, in constant memory. */
export { refuseReservedColumns, reservedColumns } from './column-choice.ts'
export { digestOfList } from './digest-of-list.ts'
export { listFiles, parseListFormat } from './list-files.ts'
export {
  listFormats,
  type BadRow,
  type JsonValue,
  type ListBatch,
  type ListFile,
  type ListFormat,
  type ListOptions,
  type ListRow,
} from './list-row.ts'
export { readList } from './read-list.ts'
export { saveStandardInput } from './save-standard-input.ts'
