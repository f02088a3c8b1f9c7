import { expect, test } from 'vitest'
import type { FleetRows } from '../../src/queries/fleet-rows.ts'
import { answer, queries } from '../../src/queries/index.ts'

const at = (s: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, s)).toISOString()
const machine = (id: string) => ({
  machine_id: id,
  enabled: true,
  removed_at: null,
  hostname: id,
  first_seen_at: at(0),
})
const scrape = (id: string, ok: number) => ({
  machine_id: id,
  source: 'probe',
  up: true,
  fault: null,
  detail: null,
  last_ok_at: at(ok),
  collected_at: at(ok),
  consecutive_failures: 0,
})
const rows = {
  machines: [machine('atlas'), machine('borg')],
  scrapes: [scrape('atlas', 10), scrape('borg', 15)],
  sys: [],
  filesystems: [],
  agents: [],
  alerts: [],
  repos: [],
} as unknown as FleetRows
const plan = {
  machines: ['atlas', 'borg'].map((machineId) => ({
    machineId,
    local: false,
    enabled: true,
    sources: [{ source: 'probe', intervalS: 30 }],
  })),
}
const db = { rows: () => Promise.reject(new Error('the store was asked')) }

test('rows that are kept ready answer without the store, and age while they are kept', async () => {
  const ask = (seconds: number, params = {}) =>
    answer(queries, { topic: 'health', params }, { db, now: new Date(at(seconds)), plan, ready: async () => rows })
  expect((await ask(20)).staleness).toEqual({ probe: 10 })
  expect((await ask(25)).staleness).toEqual({ probe: 15 })
  expect((await ask(25, { machine: 'borg' })).staleness).toEqual({ probe: 10 })
  const late = (await ask(59 + 120)).data as { machines: { status: string; score: number }[] }
  const fresh = (await ask(20)).data as { machines: { status: string; score: number }[] }
  expect(late.machines.map((one) => one.status)).toEqual(['degraded', 'degraded'])
  expect(late.machines[0]?.score).toBeLessThan(fresh.machines[0]?.score ?? 0)
})

test('the past is never answered from what is ready for now', async () => {
  const asked = answer(
    queries,
    { topic: 'health', params: { at: at(5) } },
    { db, now: new Date(at(20)), plan, ready: async () => rows },
  )
  await expect(asked).rejects.toThrow('the store was asked')
})
