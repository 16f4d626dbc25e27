import type { CronInput, Input, PfsInput } from '../types.ts'

/** A pfs input with the defaults of the spec. */
export function pfs(name: string, glob: string, fields: Partial<PfsInput> = {}): PfsInput {
  return {
    kind: 'pfs',
    name,
    project: 'default',
    repo: name,
    branch: 'master',
    glob,
    joinOn: '',
    outerJoin: false,
    groupBy: '',
    lazy: false,
    emptyFiles: false,
    reference: false,
    repoType: 'user',
    propagate: true,
    trigger: undefined,
    ...fields,
  }
}

export function cron(name: string): CronInput {
  const { repoType: _, propagate: __, trigger: ___, ...leaf } = pfs(name, '/*')
  return { ...leaf, kind: 'cron', spec: '@daily', overwrite: false, startMs: undefined }
}

export const cross = (...inputs: Input[]): Input => ({ kind: 'cross', inputs })
export const union = (...inputs: Input[]): Input => ({ kind: 'union', inputs })
export const join = (...inputs: Input[]): Input => ({ kind: 'join', inputs })
export const group = (...inputs: Input[]): Input => ({ kind: 'group', inputs })
