/** Folder `lists`: rows out of URL lists of any size, in constant memory. */
export { refuseReservedColumns } from './column-choice.ts'
export { digestOfList } from './digest-of-list.ts'
export { listFiles } from './list-files.ts'
export type { BadRow, ListBatch, ListFile, ListFormat, ListOptions, ListRow } from './list-row.ts'
export { readList } from './read-list.ts'
export { saveStandardInput } from './save-standard-input.ts'
