import { checkName, VarveError } from '../../model/index.ts'
import { findProject, listProjects, requireProject } from '../project-queries.ts'
import { deleteRepos } from '../repo-removal.ts'
import type { Scope } from '../scope.ts'
import type { Projects } from '../types/nouns.ts'

export function makeProjects(scope: Scope): Projects {
  return {
    create: (name, options = {}) =>
      scope.write((tx) => {
        checkName('project', name)
        if (findProject(tx.db, name) !== undefined) {
          throw new VarveError('ALREADY_EXISTS', { what: `There is a project ${name} already.` })
        }
        const info = { name, description: options.description ?? '', createdAt: tx.at }
        tx.emit({ op: 'project.set', ...info })
        return info
      }),
    update: (name, { description }) =>
      scope.write((tx) => {
        const info = { ...requireProject(tx.db, name), description }
        tx.emit({ op: 'project.set', ...info })
        return info
      }),
    inspect: (name) => requireProject(scope.db, name),
    list: () => listProjects(scope.db),
    delete: (name, options = {}) =>
      scope.write((tx) => {
        requireProject(tx.db, name)
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
