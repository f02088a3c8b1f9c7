// Of half a year a store holds tens of thousands of what ended: an answer reads what it tells, not all there ever was.
import { expect, test } from 'vitest'
import type { Row } from '../../src/core/rows.ts'
import { answer, queries } from '../../src/queries/index.ts'
import type { Db, Store } from '../../src/store/index.ts'
import { appendAll, at, runOf, tempStore } from '../store/support.ts'

const MANY = 40
const many = <One>(one: (i: number) => One): One[] => Array.from({ length: MANY }, (_, i) => one(i))

const agent = (id: string, ended: Date | null): Row => ({
  ...{ agent_id: id, machine_id: 'atlas', cli: 'claude', kind: 'observed', first_seen: at(0), ended },
})
const verdict = (id: string): Row => ({ agent_id: id, machine_id: 'atlas', state: 'idle', rule: 'r', judged_at: at(0) })
const alias = (id: string, name: string): Row => ({
  ...{ machine_id: 'atlas', agent_id: id, alias: `session:claude:${name}`, since: at(0) },
})

/** Asks a store as it is, and counts the most rows that one of its reads brought. */
const asking = (store: Store) => {
  let most = 0
  const rows = (async (sql, params) => {
    const found = await store.db.rows(sql, params)
    most = Math.max(most, found.length)
    return found
  }) as Db['rows']
  return async (topic: string, params: Record<string, unknown> = {}) => {
    most = 0
    const reply = await answer(queries, { topic, params }, { db: { rows }, now: at(600), plan: { machines: [] } })
    return { data: reply.data as Record<string, never>, warnings: reply.warnings ?? [], most }
  }
}

const withAgents = async () => {
  const store = await tempStore()
  const ended = many((i) => `atlas/claude-e${i.toString().padStart(3, '0')}`)
  const ids = [...ended, 'atlas/claude-live']
  await appendAll(
    store,
    runOf([
      { table: 'agents', rows: [...ended.map((id) => agent(id, at(1))), agent('atlas/claude-live', null)] },
      { table: 'latest_agent_states', rows: ids.map(verdict) },
      { table: 'agent_aliases', rows: ids.map((id) => alias(id, `s${id.slice(-4)}`)) },
    ]),
  )
  return asking(store)
}

test.each([{}, { at: '2s' }])(
  'an agent is found by a beginning or an alias among many that ended, %o',
  async (when) => {
    const ask = await withAgents()
    for (const id of ['atlas/claude-live', 'claude-li', 'liv', 'session:claude:slive', 'sli']) {
      const { data, most } = await ask('explain', { id, ...when })
      expect([id, data.agent, most]).toEqual([id, expect.objectContaining({ agent_id: 'atlas/claude-live' }), 1])
      expect(data).toMatchObject({ state: { state: 'idle' }, aliases: [{ alias: 'session:claude:slive' }] })
    }
    await expect(ask('explain', { id: 'e00', ...when })).rejects.toThrow("'e00' could be 10 agents")
    await expect(ask('explain', { id: 'claude-lvie', ...when })).rejects.toMatchObject({
      fix: expect.stringContaining('live'),
    })
  },
)

test('of the past, too, the verdicts of agents that lived then are read', async () => {
  const ask = await withAgents()
  const { data, most } = await ask('agents', { at: '2s' })
  expect([data.agents, most]).toEqual([[expect.objectContaining({ agent: 'atlas/claude-live', state: 'idle' })], 1])
})

test('an agent that is asked about by name is looked for, not searched among all', async () => {
  const ask = await withAgents()
  const { most, warnings } = await ask('audit', { agent: 'claude-li' })
  expect([most, warnings.filter((line) => line.startsWith('unknown_'))]).toEqual([1, []])
})
