import { expect, test, vi } from 'vitest'
import { openFleet } from '../../src/daemon/fleet.ts'
import { configOf, fakeStore, heldCollector, pass, portsOf, steppedClock, turns } from './fleet-story.ts'

steppedClock()

/** A store in which every machine has a tool of its own, and one in common that only the even ones have. */
const knownTools = (ids: readonly string[]) => {
  const { store } = fakeStore()
  const rows = ids.flatMap((id, i) => [
    { machine_id: id, tool_name: `only-${id}`, available: true, path: `/opt/${id}/bin/only-${id}` },
    { machine_id: id, tool_name: 'git', available: i % 2 === 0, path: i % 2 === 0 ? '/usr/bin/git' : null },
  ])
  const questions = vi
    .spyOn(store.db, 'rows')
    .mockImplementation(async (sql: string) => rows.filter((row) => sql.includes(`'${row.machine_id}'`)) as never[])
  const aboutTools = (): readonly string[] =>
    questions.mock.calls.map(([sql]) => sql).filter((sql) => sql.includes('machine_tool_capabilities'))
  return { store, aboutTools }
}

const started = async (ids: readonly string[]) => {
  const { store, aboutTools } = knownTools(ids)
  const { collector, waiting } = heldCollector('probe')
  const config = configOf(ids, '[polling]\nmax_connects_in_flight = 256\n')
  const fleet = openFleet(config, config.machines, [collector], portsOf(store))
  fleet.start()
  await pass(0)
  return { fleet, aboutTools, waiting }
}

const someIds = (count: number): string[] => Array.from({ length: count }, (_, i) => `m${i + 100}`)

test('machines that start together share one question about their tools, and each gets its own', async () => {
  const ids = someIds(40)
  const { fleet, aboutTools, waiting } = await started(ids)
  expect(aboutTools()).toHaveLength(1)
  expect(waiting.map(({ machine }) => machine).sort()).toEqual(ids)
  const tools = (id: string) => Object.fromEntries(fleet.lanes.get(id)?.facts.tools ?? [])
  for (const [i, id] of ids.entries()) {
    const git = i % 2 === 0 ? { git: '/usr/bin/git' } : {}
    expect(tools(id)).toEqual({ [`only-${id}`]: `/opt/${id}/bin/only-${id}`, ...git })
  }
  for (const run of waiting) run.end()
  await turns()
  await fleet.stop()
})

test('a fleet larger than one question holds is asked about in few, each machine in one of them', async () => {
  const ids = someIds(150)
  const { fleet, aboutTools, waiting } = await started(ids)
  expect(aboutTools()).toHaveLength(3)
  for (const id of ids) expect(aboutTools().filter((sql) => sql.includes(`'${id}'`))).toHaveLength(1)
  expect(ids.every((id) => fleet.lanes.get(id)?.facts.tools?.has(`only-${id}`))).toBe(true)
  for (const run of waiting) run.end()
  await turns()
  await fleet.stop()
})
