import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { loadSpecReader } from '../pipelines/index.ts'
import { specToDocument } from './spec-document.ts'

const everything = `
pipeline: { project: birds, name: all }
description: of all kinds
metadata: { annotations: { who: me }, labels: { team: a } }
input:
  cross:
    - pfs: { project: default, repo: raw, glob: "/(*)", branch: next, join_on: $1, outer_join: true, lazy: true, empty_files: true }
    - pfs: { repo: own, name: mine, glob: /, reference: true, propagation_spec: { never: true }, trigger: { branch: master, size: 1M, all: true, cron_spec: "@daily" } }
    - cron: { name: tick, project: default, spec: "@every 60s", overwrite: true, start: 2026-01-01T00:00:00Z }
    - union:
        - pfs: { repo: a, glob: /, group_by: "" }
        - pfs: { project: other, repo: b, glob: / }
transform:
  cmd: [sh, -c, "true"]
  stdin: [a]
  err_cmd: [b]
  err_stdin: [c]
  accept_return_code: [3]
  env: { A: "1" }
  secrets: [{ name: key, env_var: KEY, key: k }, { name: key, mount_path: /etc/k }]
  image: some
  user: me
  working_dir: /w
  datum_batching: true
  network: true
  debug: true
parallelism_spec: { constant: 3 }
output_branch: out
egress: { URL: file:///out }
datum_tries: 2
datum_timeout: 90s
job_timeout: 1h
reprocess_spec: every_job
on_failure: continue
cache: false
autoscaling: true
resource_limits: { cpu: 500m, memory: 64Mi, disk: 1G, gpu: { number: 1 } }
datum_set_spec: { number: 2, size_bytes: 1K, per_worker: 4 }
tolerations: []
`

test.each([
  ['everything', everything],
  [
    'little',
    'pipeline: { name: p }\ninput: { pfs: { repo: r, glob: / } }\ntransform: { operator: copy }',
  ],
])('a spec with %s written and read again is the same', async (_, text) => {
  const reader = await loadSpecReader()
  const read = (written: string) => reader.readPipelines({ file: 's.yaml', text: written })
  const first = read(text)
  expect(first.faults.filter(({ severity }) => severity === 'error')).toEqual([])
  const [spec] = first.specs
  const again = read(stringify(spec && specToDocument(spec)))
  expect(again.faults.filter(({ severity }) => severity === 'error')).toEqual([])
  expect(again.specs).toEqual([spec])
})
