import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { collectors } from '../../src/collectors/index.ts'
import { emptyMemory } from '../../src/commands/record.ts'
import type { Executor } from '../../src/core/executor.ts'
import { lookOnce } from '../../src/daemon/look-once.ts'
import { askName, readFrame } from '../../src/transport/frame.ts'
import { openReplay, replayMachines } from '../../src/transport/replay.ts'

const ROOT = join(import.meta.dirname, '../..')

/** An executor that notes the name of every ask that goes through it. */
const noting = (executor: Executor, names: Set<string>): Executor => ({
  ...executor,
  run(request) {
    for (const { script } of readFrame(request.script)?.asks ?? []) names.add(askName(script) ?? '(unnamed)')
    return executor.run(request)
  },
})

// What is asked only on some machines (a graphics card) stands in the sources by its name.
const namedInSources = (folder: string): readonly string[] => {
  const dir = join(ROOT, 'src/collectors', folder)
  const texts = readdirSync(dir).map((file) => readFileSync(join(dir, file), 'utf8'))
  return texts.flatMap((text) =>
    [...text.matchAll(/(?:# vc:ask |toolScript\(\s*')([a-z_]+\.[a-z_]+)/g)].map(([, name = '']) => name),
  )
}

/** Collector name to the names of all it asks, as heard on the demo fleet and read in the sources. */
export async function collectorAsks(): Promise<ReadonlyMap<string, readonly string[]>> {
  const machines = replayMachines(join(ROOT, 'tests/fixtures/fleet'))
  const asks = new Map(collectors.map(({ name }) => [name, new Set(namedInSources(name.replaceAll('_', '-')))]))
  for (const { dir } of machines) {
    const executor = openReplay({ dir })
    const memory = emptyMemory()
    // The probe first: what the others ask depends on what it found.
    const order = collectors.toSorted((a, b) => Number(b.name === 'probe') - Number(a.name === 'probe'))
    for (const collector of order)
      await lookOnce(noting(executor, asks.get(collector.name) ?? new Set()), collector, memory)
    await executor.close()
  }
  return new Map([...asks].map(([name, names]) => [name, [...names].toSorted()]))
}
