import { afterAll, beforeAll, expect, test } from 'vitest'
import { readAgents, readRepos } from '../../src/queries/fleet-rows.ts'
import { ago, NOW, planOf, seededStore } from './seeded-store.ts'

let seeded: Awaited<ReturnType<typeof seededStore>>
beforeAll(async () => {
  seeded = await seededStore()
  await seeded.store.write({
    machineId: 'fleet',
    source: 'config',
    at: ago(1),
    batches: [{ table: 'machines', rows: [{ machine_id: 'atlas', enabled: false, removed_at: ago(1) }] }],
  })
  await seeded.store.flush()
})
afterAll(() => seeded.close())

test('agents and checkouts of a machine that was removed are of the past, and of whoever asks for it by name', async () => {
  const ctx = { db: seeded.store.db, now: NOW, plan: planOf(['borg', 'coyote']) }
  const seen = async (at: Date | null, machine?: string) => [
    (await readAgents(ctx, at, machine)).length,
    (await readRepos(ctx, at, machine)).length,
  ]
  expect(await seen(null)).toEqual([0, 0])
  expect(await seen(new Date(NOW.getTime() - 1_500))).toEqual([2, 1])
  expect(await seen(null, 'atlas')).toEqual([2, 1])
})
