/** Which room may use which. A room may import itself and the rooms named here; nothing else. */
const below = [
  'repos',
  'tree',
  'segments',
  'storage',
  'events',
  'pipelines',
  'jobs',
  'executors',
  'sandbox',
  'operators',
  'ingest',
  'materialize',
]
export const mayUse = {
  cli: ['engine', 'server', 'model', 'util'],
  server: ['engine', 'model', 'util'],
  engine: [...below, 'model', 'util'],
  ingest: ['repos', 'segments', 'events', 'model', 'util'],
  materialize: ['repos', 'segments', 'events', 'model', 'util'],
  jobs: ['pipelines', 'repos', 'events', 'executors', 'sandbox', 'model', 'util'],
  pipelines: ['model', 'util'],
  repos: ['tree', 'segments', 'storage', 'model', 'util'],
  segments: ['storage', 'model', 'util'],
  tree: ['model', 'util'],
  storage: ['model', 'util'],
  events: ['model', 'util'],
  executors: ['model', 'util'],
  sandbox: ['model', 'util'],
  operators: ['model', 'util'],
  model: ['util'],
  util: [],
}

const tests = '\\.(test|contract|fixture)\\.ts$'
const layering = Object.entries(mayUse).map(([room, others]) => ({
  name: `${room}-stays-in-its-layer`,
  severity: 'error',
  from: { path: `^src/${room}/`, pathNot: tests },
  to: { path: '^src/', pathNot: `^src/(${[room, ...others].join('|')})/` },
}))

export default {
  forbidden: [
    ...layering,
    {
      name: 'enter-by-the-door',
      severity: 'error',
      comment: 'Import ../room/index.ts. Only engine/ reaches past a door, to choose adapters.',
      from: { path: '^src/([^/]+)/', pathNot: ['^src/engine/', tests] },
      to: { path: '^src/[^/]+/', pathNot: ['^src/$1/', '^src/[^/]+/index\\.ts$'] },
    },
    {
      name: 'ports-name-no-vendor',
      severity: 'error',
      comment: 'A port that imports a package or a node module has one adapter only.',
      from: { path: '^src/(storage/object-store|executors/executor|events/event-bus)\\.ts$' },
      to: { dependencyTypes: ['npm', 'core'] },
    },
    {
      name: 'few-touch-the-disk',
      severity: 'error',
      comment:
        'Store files go through the file layer of storage/, so that tests can fail any operation.',
      from: {
        path: '^src/',
        pathNot: [
          '^src/(storage|engine|cli|sandbox|executors)/',
          // The user's own files, and scratch files of commands: nothing of the store.
          '^src/repos/files/(folder-source|intake|local-file)\\.ts$',
          '^src/ingest/lists/(list-bytes|list-files|save-standard-input)\\.ts$',
          '^src/jobs/(datum-run/scratch-files|egress)\\.ts$',
          // Folders the user asked to be filled, and the scratch file of a large shuffle.
          '^src/materialize/(target/[^/]+|samples/order-spill)\\.ts$',
          // Files of SQLite, which does its own I/O: caches and the lock.
          '^src/(repos/catalog/catalog-file|segments/open-segment-store|segments/writer-lock)\\.ts$',
          tests,
        ],
      },
      to: { path: '^(node:)?fs(/promises)?$' },
    },
    {
      name: 'kernels-stay-pure',
      severity: 'error',
      comment: 'Tree and plan are pure: no disk, no process, no network, no database.',
      from: { path: '^src/(tree|pipelines)/', pathNot: tests },
      to: {
        path: '^(node:)?(fs|fs/promises|child_process|worker_threads|net|http|https|sqlite|os)$',
      },
    },
    {
      name: 'no-test-code-in-production',
      severity: 'error',
      from: { path: '^src/', pathNot: [tests, 'testing\\.ts$'] },
      to: { path: [tests, 'testing\\.ts$'] },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: tests },
      to: {},
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|node_modules)/' },
  },
}
