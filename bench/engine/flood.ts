import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { atMost, type Figure } from '../bench.ts'
import { type Place, textOf, until } from './places.ts'

const AGENTS = 20
const MIB = 1024 * 1024

/** Twenty terminals print as fast as they can; all are watched live and captured together, as a full cockpit would. */
export const flood = async (place: Place, lines: number): Promise<readonly Figure[]> => {
  const host = place.host()
  const calm = new AbortController()
  const panes = await Promise.all(
    Array.from({ length: AGENTS }, (_, i) =>
      place.start(
        `flood${i}`,
        `while [ ! -f go ]; do sleep 0.1; done; seq -f "agent ${i} line %.0f of some words to fill it" ${lines}; echo "agent ${i} is done"; touch done${i}; exec cat`,
      ),
    ),
  )
  let [bytes, skipped] = [0, 0]
  const watch = async (index: number): Promise<void> => {
    const pane = panes[index]
    if (pane === undefined) return
    for await (const event of host.follow(pane.ref, calm.signal)) {
      if (event.is === 'output') bytes += event.bytes.length
      if (event.is === 'skipped') skipped += 1
    }
  }
  const refs = panes.map(({ ref }) => ref)
  for (let i = 0; i < 20; i++) await host.capture(refs)
  const watching = panes.map((_, i) => watch(i))
  await host.capture(refs)
  globalThis.gc?.()
  const before = process.memoryUsage().rss
  let most = before
  const look = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss)
  }, 50)
  const from = performance.now()
  await place.start('go', 'touch go')
  const isDone = (): boolean => panes.every((_, i) => existsSync(join(place.dir, `done${i}`)))
  await until(async () => (await host.capture(refs)).length > 0 && isDone(), 'the end of the flood', 300_000)
  const took = performance.now() - from
  calm.abort()
  await Promise.all(watching)
  clearInterval(look)
  let right = 0
  for (const [i, pane] of panes.entries()) if ((await textOf(host, pane)).endsWith(`agent ${i} is done`)) right += 1
  const grown = (most - before) / MIB
  const seen = `${(bytes / MIB).toFixed(0)} MB seen in ${(took / 1000).toFixed(1)} s, ${skipped} views began anew`
  return [
    atMost({
      ...{
        what: `${AGENTS} agents flooding (${lines} lines each), all watched: RSS growth`,
        figure: `${grown.toFixed(0)} MB`,
      },
      ...{ baseline: seen, ratio: null, value: grown, limit: 50, unit: ' MB' },
    }),
    {
      ...{ what: `${AGENTS} agents flooding: final screens right`, figure: `${right}`, baseline: '', ratio: null },
      ...{ target: `${AGENTS}`, ok: right === AGENTS },
    },
  ]
}
