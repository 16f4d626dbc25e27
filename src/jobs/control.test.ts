import { expect, test } from 'vitest'
import { factMaker, memoryEventBus } from '../events/index.ts'
import type { CommitId } from '../model/index.ts'
import type { RepoKey } from '../repos/index.ts'
import { systemClock, systemRandom } from '../util/index.ts'
import { controlTopic, openControl, requestStop, watchControl } from './control.ts'

const job = { pipeline: 'default/p' as RepoKey, id: '0'.repeat(32) as CommitId }

test('a stop request reaches whoever runs jobs; older ones and what is no request do not', async () => {
  const bus = memoryEventBus()
  const makeFact = factMaker('/test', systemClock, systemRandom)
  await requestStop(bus, makeFact, job)
  const control = await openControl(bus)
  const done = new AbortController()
  const stopped: unknown[] = []
  await bus.publish(controlTopic, [{ fact: makeFact({ type: 'weather.changed' }) }])
  await requestStop(bus, makeFact, job)
  const watching = watchControl(
    control,
    async (request) => {
      stopped.push(request)
      done.abort()
    },
    done.signal,
  )
  await watching
  expect(stopped).toEqual([job])
})
