import type { CatalogDb } from '../catalog/catalog-db.ts'
import type { FsckFault } from '../types/maintenance.ts'
import type { Report } from './maintenance-parts.ts'

interface Question {
  readonly kind: FsckFault['kind']
  /** Answers rows of `subject` and `missing`, or none. */
  readonly sql: string
}

const questions: readonly Question[] = [
  {
    kind: 'head missing',
    sql: `SELECT branches.repo || '@' || branches.branch AS subject, head AS missing FROM branches
          LEFT JOIN commits ON commits.repo = branches.repo AND commits.id = head
          WHERE head IS NOT NULL AND commits.id IS NULL`,
  },
  {
    kind: 'parent missing',
    sql: `SELECT child.repo || '@' || child.id AS subject, child.parent AS missing
          FROM commits AS child
          LEFT JOIN commits AS above ON above.repo = child.repo AND above.id = child.parent
          WHERE child.parent IS NOT NULL AND above.id IS NULL`,
  },
  {
    kind: 'provenance missing',
    sql: `SELECT inputs.repo || '@' || inputs.id AS subject,
            input_repo || '@' || input_id AS missing FROM commit_inputs AS inputs
          LEFT JOIN commits ON commits.repo = input_repo AND commits.id = input_id
          WHERE commits.id IS NULL`,
  },
]

/** Heads, parents and provenance lead to commits that exist. */
export function checkReferences(db: CatalogDb, report: Report): void {
  for (const { kind, sql } of questions) {
    for (const row of db.all(sql)) {
      const missing = row['missing'] as string
      report({ kind, subject: row['subject'] as string, what: `${missing} does not exist` })
    }
  }
}
