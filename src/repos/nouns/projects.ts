import { checkName, VarveError } from '../../model/index.ts'
import { projectFromRow } from '../catalog/rows.ts'
import { defaultProject } from '../names/repo-key.ts'
import type { Scope } from '../scope.ts'
import type { ProjectInfo, Projects } from '../types.ts'
import { deleteRepos } from './repos.ts'

const standard: ProjectInfo = { name: defaultProject, description: '', createdAt: 0 }

export function makeProjects(scope: Scope): Projects {
  return {
    create: (name, options = {}) =>
      scope.write((tx) => {
        checkName('project', name)
        if (findProject(tx, name) !== undefined) {
          throw new VarveError('ALREADY_EXISTS', { what: `There is a project ${name} already.` })
        }
        const info = { name, description: options.description ?? '', createdAt: tx.at }
        tx.emit({ op: 'project.set', ...info })
        return info
      }),
    update: (name, { description }) =>
      scope.write((tx) => {
        const info = { ...requireProject(tx, name), description }
        tx.emit({ op: 'project.set', ...info })
        return info
      }),
    inspect: (name) => requireProject(scope, name),
    list: () => listProjects(scope),
    delete: (name, options = {}) =>
      scope.write((tx) => {
        requireProject(tx, name)
        const repos = tx.repos.list({ project: name, type: 'all' }).map(({ repo }) => repo)
        if (repos.length > 0 && options.force !== true) {
          throw new VarveError('IN_USE', {
            what: `The project ${name} still has ${repos.length} repos.`,
            data: { project: name, repos },
          })
        }
        deleteRepos(tx, repos, { force: true })
        tx.emit({ op: 'project.delete', name })
      }),
  }
}

function listProjects(scope: Scope): readonly ProjectInfo[] {
  const made = scope.db.all('SELECT * FROM projects ORDER BY name').map(projectFromRow)
  return made.some(({ name }) => name === defaultProject) ? made : [standard, ...made]
}

function findProject(scope: Scope, name: string): ProjectInfo | undefined {
  return listProjects(scope).find((project) => project.name === name)
}

/** Throws `REPO_NOT_FOUND` for an unknown project. */
export function requireProject(scope: Scope, name: string): ProjectInfo {
  const found = findProject(scope, name)
  if (found !== undefined) return found
  throw new VarveError('REPO_NOT_FOUND', {
    what: `There is no project ${name}.`,
    next: `Run \`varve create project ${name}\`, or \`varve list project\`.`,
    data: { project: name },
  })
}
