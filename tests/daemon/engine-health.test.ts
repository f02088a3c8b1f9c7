import { expect, test } from 'vitest'
import type { EngineBook } from '../../src/commands/engine/book.ts'
import { openHealthWatch } from '../../src/daemon/engine-health.ts'
import type { Store } from '../../src/store/index.ts'
import { watched } from '../queries/asking.ts'
import { managedAgent } from '../store/picture-rows.ts'
import { appendAll, at, runOf, tempStore } from '../store/support.ts'

test('that an agent ended is told among hundreds that ended long ago, which are not read each time', async () => {
  const store = await tempStore()
  const long = Array.from({ length: 300 }, (_, i) => managedAgent(`claude-e${i}`, { ended_at: at(-i) }))
  const runs = managedAgent('claude-runs', { status: 'running', wanted: 'run', last_seen_at: at(1) })
  await appendAll(store, runOf([{ table: 'managed_agents', rows: [...long, runs] }]))
  const { ctx, most } = watched(store)
  const told: string[] = []
  const book = {
    tell: async ({ agent_id }: { agent_id: string }, [one]: readonly { detail: string | null }[]) => {
      told.push(`${agent_id} ${one?.detail}`)
    },
  } as unknown as EngineBook
  let now = at(2)
  const look = openHealthWatch({ store: ctx as unknown as Store, book, now: () => now })
  await look('atlas')
  now = at(60)
  const ended = managedAgent('claude-runs', { ended_at: at(50), status_reason: 'stopped by ann' })
  await appendAll(store, runOf([{ table: 'managed_agents', rows: [ended] }], { startedAt: at(50) }))
  await look('atlas')
  expect([told, most() <= 101]).toEqual([['atlas/claude-runs dead: stopped by ann'], true])
})
