import { expect, test } from 'vitest'
import type { EngineEvent } from '../../src/core/engine.ts'
import { openEngineEvents } from '../../src/daemon/engine-events.ts'

const event = (n: number, agentId = 'm/a'): EngineEvent => ({
  ...{ eventId: String(n), ts: new Date(n), type: 'spawn', machineId: 'm', agentId, detail: null, data: {} },
})

test('every event from the first look on, in order, until the engine stops', async () => {
  const events = openEngineEvents()
  events.tell(event(0))
  const seen: string[] = []
  const reading = (async () => {
    for await (const one of events.watch()) seen.push(one.eventId)
  })()
  events.tell(event(1))
  events.tell(event(2))
  await Promise.resolve()
  events.tell(event(3))
  events.close()
  await reading
  expect(seen).toEqual(['1', '2', '3'])
})

test('only those of one agent, and a slow reader is told how many it missed', async () => {
  const events = openEngineEvents()
  const watching = events.watch({ agentId: 'm/a', keep: 2 })
  for (let n = 1; n <= 5; n += 1) events.tell(event(n))
  events.tell(event(9, 'm/b'))
  expect(await watching.next()).toMatchObject({ value: { eventId: '4', skipped: 3 } })
  expect(await watching.next()).toMatchObject({ value: { eventId: '5', skipped: 0 } })
})

test('it ends when its reader gives up', async () => {
  const events = openEngineEvents()
  const gone = new AbortController()
  const next = events.watch({ signal: gone.signal }).next()
  gone.abort()
  expect(await next).toMatchObject({ done: true })
})
