/**
 * Every code Varve can answer with. `docs/errors.md` is kept equal to this list by a test.
 * Exit codes: 1 something failed, 2 the command was wrong, 3 not found, 4 conflict,
 * 5 the store is locked, 6 the store is damaged, 7 the machine refused (disk, permission).
 */
export const errorCatalogue = {
  USAGE: {
    exit: 2,
    title: 'The command line was not understood',
    next: 'Run the command with --help.',
  },
  PATH_INVALID: {
    exit: 2,
    title: 'A file path breaks the rules',
    next: 'Use a relative path without empty, "." or ".." parts and without NUL.',
  },
  NAME_INVALID: {
    exit: 2,
    title: 'A name breaks the rules',
    next: 'Use letters and digits of any language, "-", "_" and "."; a letter or a digit comes first.',
  },
  GLOB_INVALID: {
    exit: 2,
    title: 'A glob does not compile',
    next: 'Check brackets and braces; escape special characters with "\\".',
  },
  SPEC_INVALID: {
    exit: 2,
    title: 'A pipeline spec or project file has faults',
    next: 'Mend every line listed and run the command again.',
  },
  PROJECT_NOT_FOUND: {
    exit: 3,
    title: 'This folder holds no Varve project',
    next: 'Run `varve init`, or name the project folder with -C.',
  },
  REPO_NOT_FOUND: { exit: 3, title: 'No such repo', next: 'Run `varve list repo`.' },
  BRANCH_NOT_FOUND: { exit: 3, title: 'No such branch', next: 'Run `varve list branch REPO`.' },
  COMMIT_NOT_FOUND: { exit: 3, title: 'No such commit', next: 'Run `varve list commit REPO`.' },
  FILE_NOT_FOUND: { exit: 3, title: 'No such file', next: 'Run `varve list file REPO@BRANCH`.' },
  PIPELINE_NOT_FOUND: { exit: 3, title: 'No such pipeline', next: 'Run `varve list pipeline`.' },
  TRANSACTION_NOT_FOUND: {
    exit: 3,
    title: 'No such transaction',
    next: 'Run `varve list transaction`.',
  },
  JOB_NOT_FOUND: { exit: 3, title: 'No such job', next: 'Run `varve list job`.' },
  DATUM_NOT_FOUND: {
    exit: 3,
    title: 'No such datum',
    next: 'Run `varve list datum PIPELINE@JOB`.',
  },
  SECRET_NOT_FOUND: { exit: 3, title: 'No such secret', next: 'Run `varve list secret`.' },
  ALREADY_EXISTS: {
    exit: 4,
    title: 'Something of that name exists',
    next: 'Choose another name, or use the update form of the command.',
  },
  PATH_CONFLICT: {
    exit: 4,
    title: 'A path is both a file and a directory',
    next: 'Delete or rename one of the two.',
  },
  MERGE_CONFLICT: {
    exit: 4,
    title: 'Both sides changed the same paths',
    next: 'Choose a side with --ours or --theirs, or mend the paths on one branch first.',
  },
  COMMIT_FINISHED: {
    exit: 4,
    title: 'The commit is finished and cannot change',
    next: 'Write to the branch instead: a new commit is made.',
  },
  COMMIT_OPEN: {
    exit: 4,
    title: 'The commit is still open',
    next: 'Run `varve finish commit` first.',
  },
  IN_USE: {
    exit: 4,
    title: 'Something else depends on it',
    next: 'Remove what depends on it first, or use --force where offered.',
  },
  CYCLE: {
    exit: 4,
    title: 'The graph would have a cycle',
    next: 'Remove one of the inputs named.',
  },
  STORE_LOCKED: {
    exit: 5,
    title: 'Another process is writing to this store',
    next: 'Wait for it or stop the process named.',
  },
  STORE_DAMAGED: {
    exit: 6,
    title: 'The store is damaged',
    next: 'Run `varve fsck --read-data`, then `varve repair`. What is whole can still be read.',
  },
  ITEM_MISSING: {
    exit: 6,
    title: 'An item named by a tree is not in the store',
    next: 'Run `varve fsck`, then `varve reindex`.',
  },
  FORMAT_TOO_NEW: {
    exit: 6,
    title: 'The store was written by a newer Varve',
    next: 'Install a newer Varve.',
  },
  DISK_FULL: {
    exit: 7,
    title: 'The disk is full',
    next: 'Free some space and run the command again; nothing acknowledged was lost.',
  },
  IO_FAILED: {
    exit: 7,
    title: 'The operating system refused an operation',
    next: 'Check the path and its permissions.',
  },
  LIST_NOT_FOUND: {
    exit: 3,
    title: 'No such URL list',
    next: 'Check the path; `-` reads standard input.',
  },
  LIST_FORMAT_UNKNOWN: {
    exit: 2,
    title: 'The format of a URL list is not known',
    next: 'Name it: txt, csv, tsv, json, jsonl or parquet.',
  },
  LIST_UNREADABLE: {
    exit: 1,
    title: 'A URL list cannot be read',
    next: 'Check that the file is whole and has the format it is read as.',
  },
  LIST_COLUMN_MISSING: {
    exit: 2,
    title: 'A URL list lacks a column',
    next: 'Name one of its columns.',
  },
  LIST_COLUMN_RESERVED: {
    exit: 2,
    title: 'A column cannot be saved under its name',
    next: 'Rename the column in the list, or do not save it.',
  },
  MISSING_PROGRAM: {
    exit: 7,
    title: 'A program this needs is not installed',
    next: 'Install the program named.',
  },
  OPERATOR_NOT_FOUND: { exit: 3, title: 'No such operator', next: 'Run `varve operators`.' },
  PARAMS_INVALID: {
    exit: 2,
    title: 'The parameters of an operator have faults',
    next: 'Mend every parameter listed; `varve operators` describes them.',
  },
  OPTIONS_INVALID: {
    exit: 2,
    title: 'Options of the ingest have faults',
    next: 'Mend every option listed and run the command again.',
  },
  INPUT_REFUSED: {
    exit: 1,
    title: 'An operator cannot take a file of its datum',
    next: 'Mend or remove the file named, or narrow the glob of the input.',
  },
  JOB_FAILED: { exit: 1, title: 'A job failed', next: 'Run `varve logs --job JOB`.' },
  CHECK_FAILED: { exit: 1, title: 'A check found faults', next: 'Read the report above.' },
  NOT_SUPPORTED: {
    exit: 2,
    title: 'This is understood but not supported',
    next: 'See docs/pipelines.md for what can be used instead.',
  },
  TARGET_FOREIGN: {
    exit: 4,
    title: 'A file is in the way that Varve did not write',
    next: 'Choose another folder, move the file named, or replace it with --overwrite.',
  },
  SAMPLE_INVALID: {
    exit: 2,
    title: 'A sample cannot be written in this format',
    next: 'Rename or leave out the file named, or choose another format.',
  },
  WHERE_INVALID: {
    exit: 2,
    title: 'A condition over the columns of samples has a fault',
    next: 'Write one SQL expression, such as: width >= 256 AND caption IS NOT NULL.',
  },
  DOWNLOAD_CHANGED: {
    exit: 2,
    title: 'A folder was filled with other options or from another list',
    next: 'Use the options and the list it was begun with, or another folder.',
  },
  INTERRUPTED: {
    exit: 130,
    title: 'The command was interrupted',
    next: 'Run it again: it goes on where it stopped.',
  },
} as const satisfies Record<string, { exit: number; title: string; next: string }>

export type ErrorCode = keyof typeof errorCatalogue
