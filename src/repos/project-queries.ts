import { VarveError } from '../model/index.ts'
import type { CatalogDb } from './catalog/catalog-db.ts'
import { projectFromRow } from './catalog/rows.ts'
import { defaultProject } from './names/repo-key.ts'
import type { ProjectInfo } from './types/values.ts'

/** There without having been made. */
const standard: ProjectInfo = { name: defaultProject, description: '', createdAt: 0 }

export function listProjects(db: CatalogDb): readonly ProjectInfo[] {
  const made = db.all('SELECT * FROM projects ORDER BY name').map(projectFromRow)
  return made.some(({ name }) => name === defaultProject) ? made : [standard, ...made]
}

export function findProject(db: CatalogDb, name: string): ProjectInfo | undefined {
  return listProjects(db).find((project) => project.name === name)
}

/** Throws `REPO_NOT_FOUND` for an unknown project. */
export function requireProject(db: CatalogDb, name: string): ProjectInfo {
  const found = findProject(db, name)
  if (found !== undefined) return found
  throw new VarveError('REPO_NOT_FOUND', {
    what: `There is no project ${name}.`,
    next: `Run \`varve create project ${name}\`, or \`varve list project\`.`,
    data: { project: name },
  })
}
