import { afterAll, beforeAll, expect, test } from 'vitest'
import { askQuestion } from '../../src/commands/ask-question.ts'
import { answer, queries } from '../../src/queries/index.ts'
import type { Db } from '../../src/store/index.ts'
import { ago, NOW, planOf, seededStore } from './seeded-store.ts'

let seeded: Awaited<ReturnType<typeof seededStore>>

const FLICKERS = 24_000

const INTO = 'INSERT INTO agent_state_events (event_at, agent_id, machine_id, state, rule)'
const before = (seconds: string): string => `TIMESTAMP '2026-11-20 12:00:00' - to_seconds(${seconds})`
const rare = (seconds: number, state: string): string =>
  `(${before(String(seconds))}, 'borg/x', 'borg', '${state}', 'r@1')`

// An agent of atlas flickers for hours; one of borg says one word before, one in the middle and one after.
beforeAll(async () => {
  seeded = await seededStore()
  const { db } = seeded.store
  await db.rows(
    `${INTO} SELECT ${before('30000 - i')}, 'atlas/codex-f', 'atlas', if(i % 2 = 0, 'working', 'idle'), 'r@1'
     FROM range(${FLICKERS}) AS t(i)`,
  )
  await db.rows(
    `${INTO} VALUES ${[rare(31_000, 'failed'), rare(15_000, 'stalled'), rare(5_000, 'dead'), rare(60_000, 'idle')].join(', ')}`,
  )
})
afterAll(() => seeded.close())

interface Told {
  readonly events: readonly { readonly ts: string; readonly subject: string; readonly change: string }[]
  readonly next: string
  readonly more: boolean
}
const ask = async (params: object): Promise<Told> =>
  (
    await answer(
      queries,
      { topic: 'events', params: { since: ago(40_000).toISOString(), type: 'agent_state', ...params } },
      { db: seeded.store.db, now: NOW, plan: planOf(['atlas', 'borg', 'coyote']) },
    )
  ).data as Told

const words = ({ events }: Told): string[] => events.map(({ change }) => change)

test('a stream that goes on from each cursor tells each of very many changes once', async () => {
  const told = new Set<string>()
  let count = 0
  for (let since = ago(40_000).toISOString(), more = true; more; ) {
    const page = await ask({ since, limit: 10_000 })
    for (const one of page.events) told.add(`${one.ts} ${one.subject} ${one.change}`)
    count += page.events.length
    since = page.next
    more = page.more
  }
  expect([count, told.size]).toEqual([FLICKERS + 5, FLICKERS + 5])
})

test('what is asked for is found however much else happened before, between and after', async () => {
  expect(words(await ask({ machine: 'borg' }))).toEqual(['failed', 'stalled', 'dead'])
  expect(await ask({ machine: 'borg', severity: 'warning' })).toMatchObject({ more: false })
})

test('the oldest are the oldest, the newest the newest', async () => {
  const first = await ask({ limit: 2 })
  expect(first).toMatchObject({ more: true, next: ago(30_000).toISOString() })
  expect(words(first)).toEqual(['failed', 'working'])
  const last = await ask({ limit: 3, tail: true })
  expect([words(last), last.more]).toEqual([['dead', 'needs_approval', 'working'], true])
})

test('what changed yesterday is told, however much changed today', async () => {
  const context = { db: seeded.store.db, now: NOW, plan: planOf(['atlas', 'borg', 'coyote']) }
  const said = await askQuestion((request) => answer(queries, request, context), 'what changed yesterday?', NOW)
  expect(said.answer).toMatch(/^[1-9]\d? changes since 2026-11-19T00:00:00/)
  expect(said.evidence.map(({ text }) => text).join()).toContain('borg/x is idle')
})

test('of a span with very many changes so many are read as are told', async () => {
  const { db } = seeded.store
  let brought = 0
  const rows = (async (sql, params) => {
    const found = await db.rows(sql, params)
    brought += found.length
    return found
  }) as Db['rows']
  const told = await answer(
    queries,
    { topic: 'events', params: { since: ago(40_000).toISOString(), limit: 2 } },
    { db: { rows }, now: NOW, plan: planOf(['atlas', 'borg', 'coyote']) },
  )
  expect(words(told.data as Told)).toEqual(['failed', 'working'])
  expect(brought).toBeLessThan(FLICKERS / 2)
})
