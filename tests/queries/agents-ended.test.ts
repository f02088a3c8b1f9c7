import { expect, test } from 'vitest'
import type { Row } from '../../src/core/rows.ts'
import { answer, queries } from '../../src/queries/index.ts'
import { agents } from '../../src/store/index.ts'
import { appendAll, at, runOf, tempStore } from '../store/support.ts'

const agent = (id: string, ended: Date | null): Row => ({
  ...{ agent_id: id, machine_id: 'atlas', cli: 'claude', kind: 'observed', first_seen: at(0), ended },
})
const verdict = (id: string): Row => ({ agent_id: id, machine_id: 'atlas', state: 'idle', rule: 'r', judged_at: at(0) })

const world = async (ended: readonly string[], living: readonly string[]) => {
  const store = await tempStore()
  const rows = [...ended.map((id) => agent(id, at(1))), ...living.map((id) => agent(id, null))]
  const states = rows.map((row) => verdict(String(row.agent_id)))
  await appendAll(
    store,
    runOf([
      { table: 'agents', rows },
      { table: 'latest_agent_states', rows: states },
    ]),
  )
  const asked: string[] = []
  const db = {
    ...store.db,
    rows: ((sql: string, params?: never) => {
      asked.push(sql)
      return store.db.rows(sql, params)
    }) as typeof store.db.rows,
  }
  const { current: _, ...plain } = db
  const ask = async (params: Record<string, unknown>) =>
    answer(queries, { topic: 'agents', params }, { db: plain, now: at(60), plan: { machines: [] } })
  return { store, asked, ask, db: plain }
}

test('of agents that live, their own verdicts are read and not those of all that ever were', async () => {
  const { db, asked } = await world(['atlas/claude-old'], ['atlas/claude-new'])
  expect((await agents(db)).map((row) => [row.agent_id, row.verdict?.state])).toEqual([['atlas/claude-new', 'idle']])
  const [states] = asked.filter((sql) => /FROM "?latest_agent_states/.test(sql))
  expect(await db.rows(states as string, { machine: null })).toHaveLength(1)
})

test('where all agents ended, none is told, and nobody says that none was ever seen', async () => {
  const { ask } = await world(['atlas/claude-old'], [])
  const now = await ask({})
  expect([now.data, (now.warnings ?? []).filter((line) => line.startsWith('no_agents'))]).toEqual([
    { agents: [], total: 0, by_state: {} },
    [],
  ])
  const all = await ask({ all: true })
  expect(all.data).toMatchObject({ agents: [{ agent: 'atlas/claude-old', state: 'idle' }] })
})
