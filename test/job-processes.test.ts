import { expect, test } from 'vitest'
import { shell, ShellRig } from './rig.ts'

/** Datums that take so long each, one at a time. */
function slowPipeline(datums: number, seconds: number): ShellRig {
  const rig = new ShellRig()
  const lines = [`sleep ${seconds}`, 'cp /pfs/data/* /pfs/out/']
  const spec = shell('slow', 'data', lines, { parallelism_spec: { constant: 1 } })
  const files = Object.fromEntries(Array.from({ length: datums }, (_, n) => [`in/f${n}`, `${n}\n`]))
  rig.write({ 'p.json': spec, ...files })
  return rig
}

const setUp = `
  varve create repo data
  varve create pipeline -f p.json
  varve put file -r data@master:/ -f in > /dev/null
  state() { varve inspect job slow --raw | field .state; }
  done_datums() { varve list datum slow --raw | field .state | grep -c SUCCESS || true; }
`

test('a job is stopped from another process than the one that runs it', async () => {
  // Long enough to be seen running on any machine; it is stopped soon.
  const rig = slowPipeline(200, 0.25)
  const output = await rig.sh(`${setUp}
    varve run > /dev/null 2>&1 & running=$!
    until [ "$(state)" = JOB_RUNNING ]; do kill -0 $running; sleep 0.1; done
    varve stop job slow > /dev/null
    wait $running || true
    state
    varve list file slow@master | wc -l
  `)
  expect(output).toMatch(/^JOB_KILLED\n/)
})

test('a run ended by kill -9 goes on with what it had not done', async () => {
  const rig = slowPipeline(10, 0.7)
  const output = await rig.sh(`${setUp}
    varve run > /dev/null 2>&1 & running=$!
    until [ "$(done_datums)" -ge 3 ]; do kill -0 $running; sleep 0.1; done
    kill -9 $running
    wait $running || true
    before=$(done_datums)
    [ "$before" -ge 3 ] && [ "$before" -lt 10 ] && echo some were done
    varve run > /dev/null
    state
    varve inspect job slow --raw | field .dataProcessed
    varve get file slow@master:/f7
    varve fsck > /dev/null && echo sound
  `)
  expect(output).toBe('some were done\nJOB_SUCCESS\n10\n7\nsound\n')
})
