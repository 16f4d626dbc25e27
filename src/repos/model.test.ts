import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isVarveError, type CommitId } from '../model/index.ts'
import { collect, openTestStore, text, textOf, type TestStore } from './store.fixture.ts'

type Content = ReadonlyMap<string, string>

interface ModelCommit {
  readonly id: CommitId
  readonly content: Content
  parent: ModelCommit | undefined
  merged?: ModelCommit | undefined
}

/** What the store should hold: branches as lists of whole contents. */
class Model {
  readonly heads = new Map<string, ModelCommit>()
  /** Every commit there is, also those no branch leads to. */
  readonly commits = new Set<ModelCommit>()

  commit(branch: string, commit: ModelCommit): void {
    this.commits.add(commit)
    this.heads.set(branch, commit)
  }

  remove(doomed: ModelCommit): void {
    this.commits.delete(doomed)
    for (const each of this.commits) {
      if (each.parent === doomed) each.parent = doomed.parent
      if (each.merged === doomed) each.merged = doomed.parent
    }
  }
}

interface Real {
  opened: TestStore
}

/** Collections that replaced records. */
let checkpoints = 0

const branches = ['master', 'dev']
const paths = ['a', 'b/c', 'b/d', 'e/f/g', 'ä', '文/件']

async function same(model: Model, real: Real): Promise<void> {
  const { store } = real.opened
  for (const [branch, head] of model.heads) {
    const files = await collect(store.files.walk(`r@${branch}`))
    expect(files.map(({ path }) => path).sort()).toEqual([...head.content.keys()].sort())
    const commit = store.commits.inspect(`r@${branch}`)
    expect(commit.id).toBe(head.id)
    expect(commit.parent).toBe(head.parent?.id)
    for (const [path, content] of head.content) {
      expect(await textOf(store, `r@${branch}`, path)).toBe(content)
    }
  }
}

type Command = fc.AsyncCommand<Model, Real>

class Put implements Command {
  readonly branch: string
  readonly path: string
  readonly content: string
  constructor(branch: string, path: string, content: string) {
    this.branch = branch
    this.path = path
    this.content = content
  }
  check = () => true
  toString = () => `put ${this.branch}:${this.path}=${this.content}`
  async run(model: Model, real: Real) {
    const parent = model.heads.get(this.branch)
    const { id } = await real.opened.store.files.put(`r@${this.branch}`, [
      text(this.path, this.content),
    ])
    const content = new Map(parent?.content).set(this.path, this.content)
    model.commit(this.branch, { id, content, parent })
    await same(model, real)
  }
}

class Delete implements Command {
  readonly branch: string
  readonly path: string
  constructor(branch: string, path: string) {
    this.branch = branch
    this.path = path
  }
  check = (model: Model) => model.heads.has(this.branch)
  toString = () => `delete ${this.branch}:${this.path}`
  async run(model: Model, real: Real) {
    const parent = model.heads.get(this.branch)
    const { id } = await real.opened.store.files.delete(`r@${this.branch}`, [this.path])
    const kept = [...(parent?.content ?? [])].filter(
      ([path]) => path !== this.path && !path.startsWith(`${this.path}/`),
    )
    model.commit(this.branch, { id, content: new Map(kept), parent })
    await same(model, real)
  }
}

/** Points one branch at the head of the other. */
class Rewind implements Command {
  readonly steps: number
  constructor(steps: number) {
    this.steps = steps
  }
  check = (model: Model) => this.target(model) !== undefined
  toString = () => `branch dev --head master~${this.steps}`
  target(model: Model): ModelCommit | undefined {
    let commit = model.heads.get('master')
    for (let left = this.steps; left > 0; left -= 1) commit = commit?.parent
    return commit
  }
  async run(model: Model, real: Real) {
    await real.opened.store.branches.set('r@dev', { head: `r@master~${this.steps}` })
    const target = this.target(model)
    if (target !== undefined) model.heads.set('dev', target)
    await same(model, real)
  }
}

class Drop implements Command {
  check = (model: Model) => model.heads.has('dev')
  toString = () => 'drop dev'
  async run(model: Model, real: Real) {
    const head = model.heads.get('dev')
    const leansOn = ({ parent, merged }: ModelCommit) => parent === head || merged === head
    const isAlone = head !== undefined && ![...model.commits].some(leansOn)
    const dropped = await real.opened.store.commits.drop('r@dev').catch((error: unknown) => error)
    expect(isVarveError(dropped, 'IN_USE')).toBe(!isAlone)
    if (head === undefined || !isAlone) return
    for (const [branch, each] of model.heads) {
      if (each !== head) continue
      if (head.parent === undefined) model.heads.delete(branch)
      else model.heads.set(branch, head.parent)
    }
    model.remove(head)
    await same(model, real)
  }
}

class Squash implements Command {
  readonly steps: number
  constructor(steps: number) {
    this.steps = steps
  }
  check = (model: Model) => history(model.heads.get('master')).length > this.steps
  toString = () => `squash master~${this.steps}`
  async run(model: Model, real: Real) {
    const doomed = history(model.heads.get('master'))[this.steps]
    if (doomed === undefined) return
    const isHead = [...model.heads.values()].includes(doomed)
    const answer = await real.opened.store.commits
      .squashSet(doomed.id)
      .catch((error: unknown) => error)
    expect(isVarveError(answer, 'IN_USE')).toBe(isHead)
    if (isHead) return
    model.remove(doomed)
    await same(model, real)
  }
}

class Merge implements Command {
  check = (model: Model) => model.heads.has('dev') && model.heads.has('master')
  toString = () => 'merge dev into master, preferring theirs'
  async run(model: Model, real: Real) {
    const ours = model.heads.get('master')
    const theirs = model.heads.get('dev')
    const base = history(ours).find((each) => history(theirs).includes(each))
    if (ours === undefined || theirs === undefined) return
    const { files, tags, commits } = real.opened.store
    // Only while histories are plain lines does the model know the base.
    if (commits.list({ repo: 'r' }).some(({ merged }) => merged !== undefined)) return
    expect(tags.list()).toEqual([])
    const outcome = await files.merge('r@master', 'dev', { prefer: 'theirs' })
    expect(outcome.kind).toBe(base === theirs ? 'up to date' : 'merged')
    const content = new Map(ours.content)
    for (const path of new Set([...theirs.content.keys(), ...(base?.content.keys() ?? [])])) {
      const [before, after] = [base?.content.get(path), theirs.content.get(path)]
      if (before === after) continue
      if (after === undefined) content.delete(path)
      else content.set(path, after)
    }
    if (outcome.kind === 'merged') {
      model.commit('master', { id: outcome.commit.id, content, parent: ours, merged: theirs })
    }
    await same(model, real)
  }
}

class Reopen implements Command {
  readonly withoutCatalog: boolean
  constructor(withoutCatalog: boolean) {
    this.withoutCatalog = withoutCatalog
  }
  check = () => true
  toString = () => (this.withoutCatalog ? 'reopen without catalog' : 'reopen')
  async run(model: Model, real: Real) {
    real.opened = await real.opened.reopen({ withoutCatalog: this.withoutCatalog })
    await same(model, real)
  }
}

class Collect implements Command {
  check = () => true
  toString = () => 'gc, fsck'
  async run(model: Model, real: Real) {
    const { deadRecords } = await real.opened.store.maintenance.gc()
    if (deadRecords > 0) checkpoints += 1
    const { faults } = await real.opened.store.maintenance.fsck({ readData: true })
    expect(faults).toEqual([])
    await same(model, real)
  }
}

function history(head: ModelCommit | undefined): ModelCommit[] {
  return head === undefined ? [] : [head, ...history(head.parent)]
}

const branch = fc.constantFrom(...branches)
const path = fc.constantFrom(...paths)
const commands: fc.Arbitrary<Command>[] = [
  fc.tuple(branch, path, fc.string({ maxLength: 5 })).map((args) => new Put(...args)),
  fc.tuple(branch, fc.constantFrom('a', 'b', 'b/c', 'e', '文')).map((args) => new Delete(...args)),
  fc.nat({ max: 2 }).map((steps) => new Rewind(steps)),
  fc.constant(new Drop()),
  fc.integer({ min: 1, max: 3 }).map((steps) => new Squash(steps)),
  fc.constant(new Merge()),
  fc.boolean().map((withoutCatalog) => new Reopen(withoutCatalog)),
  fc.constant(new Collect()),
]

test('any sequence of puts, deletes, branch moves, merges, squashes and drops does what a Map would', async () => {
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { maxCommands: 15, size: 'max' }), async (sequence) => {
      const real: Real = { opened: await openTestStore() }
      await real.opened.store.repos.create('r')
      try {
        const model = new Model()
        // History that the rarer commands need; chance alone seldom makes it.
        for (const n of ['1', '2', '3', '4']) await new Put('master', `b/${n}`, n).run(model, real)
        await fc.asyncModelRun(() => ({ model, real }), sequence)
      } finally {
        await real.opened.close()
      }
    }),
    { numRuns: 40 },
  )
  // Else the checkpoints of garbage collection would go untested.
  expect(checkpoints).toBeGreaterThan(0)
})
