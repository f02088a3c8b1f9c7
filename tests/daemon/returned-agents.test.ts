import { expect, test } from 'vitest'
import type { Row } from '../../src/core/rows.ts'
import { agentBatches } from '../../src/daemon/agents.ts'
import { openMemory } from '../../src/daemon/memory.ts'
import type { Store } from '../../src/store/index.ts'
import { appendAll, runOf, tempStore } from '../store/support.ts'

const NOW = new Date('2026-11-20T12:00:00.000Z')
const daysAgo = (days: number): Date => new Date(NOW.getTime() - days * 86_400_000)

const agent = (id: string, first: number, ended: number | null, session: string | null): Row => ({
  agent_id: id, machine_id: 'atlas', cli: 'codex', kind: 'observed', first_seen: daysAgo(first),
  ended: ended === null ? null : daysAgo(ended), session_id: session, cwd: '/srv/code/x', boot_id: 'b', root_pid: 1, root_start_ticks: first,
}) // biome-ignore format: a row
const name = (alias: string, id: string): Row => ({ machine_id: 'atlas', alias, agent_id: id, since: daysAgo(90) })
const verdict = (id: string): Row => ({ agent_id: id, machine_id: 'atlas', state: 'idle', rule: 'r', judged_at: NOW })
const process = (pid: number): Row => ({
  scope: '', boot_id: 'b', pid, start_ticks: pid, root_pid: pid, root_start_ticks: pid, cli: 'codex', how: 'exe',
  cwd: `/srv/code/${pid}`, started_at: NOW, detached: false, gone: false,
}) // biome-ignore format: a row
const sighting = (pid: number, session: string): Row => ({
  scope: '', cli: 'codex', tier: 'live', sighting_source: 'codex.log', subject: `pid:${pid}:${pid}`, pid, start_ticks: pid,
  session_id: session, says: 'working', rule: 'r', as_of: NOW, gone: false,
}) // biome-ignore format: a row

/** One that lives for ten days, one that ended before, one that ended since. */
const halfAYear = async (): Promise<Store> => {
  const store = await tempStore({ now: () => NOW })
  const ids = ['atlas/codex-aaaa', 'atlas/codex-bbbb', 'atlas/codex-cccc']
  const rows = [agent('atlas/codex-aaaa', 90, 80, 'old'), agent('atlas/codex-bbbb', 9, 3, 's'), agent('atlas/codex-cccc', 10, null, 't')]
  const tables = [
    { table: 'agents', rows },
    { table: 'agent_aliases', rows: ids.map((id, at) => name(`session:codex:${['old', 's', 't'][at]}`, id)) },
    { table: 'latest_agent_states', rows: ids.map(verdict) },
  ]
  await appendAll(store, runOf(tables, { collector: 'oracle.agents' }))
  return store
} // biome-ignore format: rows

test('of agents that ended, those are known that something of now may still be joined to', async () => {
  const memory = openMemory(await halfAYear())
  const known = async (table: string) => (await memory.known('atlas', table)).map((row) => row.agent_id).sort()
  expect(await known('agents')).toEqual(['atlas/codex-bbbb', 'atlas/codex-cccc'])
  expect(await known('agent_aliases')).toEqual(['atlas/codex-bbbb', 'atlas/codex-cccc'])
  expect(await known('latest_agent_states')).toEqual(['atlas/codex-cccc'])
})

test('an agent that resumes a session of long ago is that agent again, and the id of none that ended is given anew', async () => {
  const store = await halfAYear()
  const looked = { collector: 'probe', source: 'probe' }
  const batches = [
    { table: 'agent_processes', rows: [process(7), process(8)] },
    { table: 'agent_sightings', rows: [sighting(7, 'old')] },
  ]
  await appendAll(store, runOf(batches, looked))
  const judged = async (whole: boolean) => {
    const memory = openMemory(store)
    const known = async (table: string) =>
      whole && table.startsWith('agent')
        ? (await store.db.rows(`SELECT * FROM ${table}`)).map((row) =>
            Object.fromEntries(
              Object.entries(row).map(([column, cell]) => [
                column,
                /^(first_seen|ended|since|last_activity_at)$/.test(column) && cell ? new Date(String(cell)) : cell,
              ]),
            ),
          )
        : memory.known('atlas', table)
    const met = (names: readonly string[]) => memory.met('atlas', names)
    const facts = {
      known: known as (table: string) => Promise<readonly Row[]>,
      probe: async () => ({ up: true, partial: false }),
    }
    const [agents] = await agentBatches(whole ? facts : { ...facts, met }, 'atlas', 'b', NOW)
    return agents?.rows
  }
  const rows = await judged(false)
  expect(rows).toContainEqual(expect.objectContaining({ agent_id: 'atlas/codex-aaaa', ended: null, root_pid: 7 }))
  // As when every agent there ever was is read.
  expect(rows).toEqual(expect.arrayContaining([...((await judged(true)) ?? [])]))
  const minted = String(rows?.find((row) => row.root_pid === 8)?.agent_id)
  expect((await openMemory(store).met('atlas', ['session:codex:nobody'])).taken.has(minted)).toBe(false)
})
