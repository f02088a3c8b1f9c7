import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AskRequest } from '../../src/core/carrier.ts'
import type { FleetPlan } from '../../src/core/plan.ts'
import { answer, queries } from '../../src/queries/index.ts'
import { ago, NOW, run, seededStore } from './seeded-store.ts'

let seeded: Awaited<ReturnType<typeof seededStore>>
const source = (name: string, needs: readonly (readonly string[])[], tested = {}) => ({
  ...{ source: name, intervalS: 300, needs, tested },
})
const SOURCES = [source('ru', [['ru']], { ru: '1.3.1' }), source('pt', [['pt', 'pt-core']]), source('beads', [])]
const plan: FleetPlan = {
  machines: ['atlas', 'nova'].map((machineId) => ({ machineId, local: false, enabled: true, sources: SOURCES })),
}
// biome-ignore lint/suspicious/noExplicitAny: answers are looked into as an agent would
const lines = async (params: AskRequest['params'] = {}): Promise<any> =>
  (await answer(queries, { topic: 'collectors', params }, { db: seeded.store.db, now: NOW, plan })).data

beforeAll(async () => {
  seeded = await seededStore()
  const tool = { tool_name: 'ru', available: true, path: '/usr/bin/ru', mtime_epoch_s: 1, size_bytes: 2 }
  const times = { version: '1.3.2', version_checked_at: ago(90), checked_at: ago(90), expires_at: ago(-900) }
  const probed = run('atlas', 'probe', 90, [{ table: 'machine_tool_capabilities', rows: [{ ...tool, ...times }] }])
  for (const one of [probed, run('atlas', 'ru', 100, [], { bytes: 700, sourceVersion: '1.3.2' })]) {
    const kept = await seeded.store.append(one)
    if (!kept.ok) throw new Error(kept.detail)
  }
})
afterAll(() => seeded.close())

test('a collector with its tool says when it is due, what it brought, and that the tool is newer than tested', async () => {
  const { collectors } = await lines({ machine: 'atlas', collector: 'ru' })
  expect(collectors).toEqual([
    expect.objectContaining({ due_in_s: 200, fault: null, bytes: 700, rows: 0, version: '1.3.2', absent: [] }),
  ])
  expect(collectors[0].tools).toEqual([{ tool: 'ru', present: true, version: '1.3.2', tested_up_to: '1.3.1' }])
})

test('absent tools are named, and nothing is due', async () => {
  const { collectors } = await lines({ machine: 'atlas', absent: true })
  expect(collectors.map((one: { collector: string }) => one.collector)).toEqual(['pt'])
  expect(collectors[0]).toMatchObject({ absent: ['pt or pt-core'], due_in_s: null, last_run: null, rows: null })
})

test('where nobody looked yet, presence is unknown and every collector is due', async () => {
  const { collectors } = await lines({ machine: 'nova' })
  expect(collectors).toHaveLength(3)
  for (const one of collectors) {
    expect(one).toMatchObject({ due_in_s: 0, absent: [], fault: null })
    for (const tool of one.tools) expect(tool.present).toBeNull()
  }
})
