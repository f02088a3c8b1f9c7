import { expect, test } from 'vitest'
import type { EngineBook } from '../../src/commands/engine/book.ts'
import { openHealthWatch } from '../../src/daemon/engine-health.ts'
import { managedAgents, type Store } from '../../src/store/index.ts'
import { watched } from '../queries/asking.ts'
import { managedAgent } from '../store/picture-rows.ts'
import { appendAll, at, runOf, tempStore } from '../store/support.ts'

/** A health watch over stored agents; `write` changes them as the engine does, in the store and in its book. */
const watching = async (agents: readonly ReturnType<typeof managedAgent>[]) => {
  const store = await tempStore()
  const { ctx, most } = watched(store)
  const told: string[] = []
  let now = at(0)
  let rows: Awaited<ReturnType<typeof managedAgents>> = []
  const write = async (changed: typeof agents): Promise<void> => {
    await appendAll(store, runOf([{ table: 'managed_agents', rows: changed }], { startedAt: now }))
    rows = await managedAgents(store.db, { forgotten: true })
  }
  await write(agents)
  const book = {
    on: () => rows,
    tell: async ({ agent_id }: { agent_id: string }, [one]: readonly { detail: string | null }[]) => {
      told.push(`${agent_id} ${one?.detail}`)
    },
  } as unknown as EngineBook
  let questions = 0
  const counted = async (...asked: Parameters<Store['db']['rows']>) => {
    questions++
    return ctx.db.rows(...asked)
  }
  const look = openHealthWatch({ store: { db: { rows: counted } } as unknown as Store, book, now: () => now })
  const lookAt = async (seconds: number): Promise<void> => {
    now = at(seconds)
    await look('atlas')
  }
  const asked = (): number => {
    const before = questions
    questions = 0
    return before
  }
  return { told, most, write, lookAt, asked }
}

const long = Array.from({ length: 300 }, (_, i) =>
  managedAgent(`claude-e${i}`, { ended_at: at(-i), status: i % 2 === 0 ? 'stopped' : 'crash_loop' }),
)
const runs = managedAgent('claude-runs', { status: 'running', wanted: 'run', last_seen_at: at(1) })

test('that an agent ended is told among hundreds that ended long ago, and none of those is read', async () => {
  const { told, most, write, lookAt } = await watching([...long, runs])
  await lookAt(2)
  await write([managedAgent('claude-runs', { ended_at: at(50), status_reason: 'stopped by ann' })])
  await lookAt(60)
  expect([told, most()]).toEqual([['atlas/claude-runs dead: stopped by ann'], 1])
})

test('on a machine where every agent has ended nothing is read, and one that is started again is told', async () => {
  const { told, write, lookAt, asked } = await watching(long)
  await lookAt(2)
  await lookAt(20)
  const atRest = asked()
  await write([managedAgent('claude-e4', { status: 'running', wanted: 'run', last_seen_at: at(39) })])
  await lookAt(40)
  expect([atRest, told.map((line) => line.replace(/:.*/, ''))]).toEqual([0, ['atlas/claude-e4 unknown']])
})

test('what is forgotten while it ran is asked for no more', async () => {
  const { told, write, lookAt, asked } = await watching([runs])
  await lookAt(2)
  await write([managedAgent('claude-runs', { status: 'forgotten', wanted: 'forgotten', ended_at: at(10) })])
  asked()
  await lookAt(20)
  expect([asked(), told]).toEqual([0, []])
})
