import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'

const youngBytes = 16 * 1024 * 1024
const lookEveryMs = 50

/**
 * For commands that pass millions of rows through and keep none. Left alone, V8 gives new objects
 * 128 MiB and collects the rest when it is several times what is alive: memory would say more about
 * the machine than about the work.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=40')
  const look = setInterval(() => {
    const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')
    if (young === undefined || young.space_size < youngBytes) return
    setFlagsFromString('--semi-space-growth-factor=1')
    clearInterval(look)
  }, lookEveryMs)
  look.unref()
}
