import { expect, test } from 'vitest'
import type { LoadedConfig, MachineConfig } from '../../src/config/index.ts'
import { inventoryBatches, openInventory } from '../../src/daemon/inventory.ts'
import { machineById } from '../../src/store/index.ts'
import { tempStore } from '../store/support.ts'

const NOW = new Date('2026-11-20T08:00:00Z')
const machine = (id: string, enabled = true) =>
  ({
    id,
    ssh: `me@${id}`,
    tags: ['gpu'],
    roles: [],
    enabled,
    allow_write_commands: false,
    allow_autopilot: false,
  }) as unknown as MachineConfig
const known = (machine_id: string, removed_at: string | null = null) => ({
  machine_id,
  first_seen_at: '2026-01-01T00:00:00.000Z',
  removed_at,
})
const rows = (...args: Parameters<typeof inventoryBatches>) => inventoryBatches(...args).flatMap((batch) => batch.rows)

test('a new machine is unknown since now: nothing is claimed of it', () => {
  expect(rows([machine('atlas')], [], NOW)).toMatchObject([
    { machine_id: 'atlas', ssh_target: 'me@atlas', status: 'unknown', first_seen_at: NOW, tags_json: '["gpu"]' },
  ])
})

test('of a known machine the configuration is taken over; what was observed stays', () => {
  const [row] = rows([machine('atlas', false)], [known('atlas')], NOW)
  expect(row).toMatchObject({ machine_id: 'atlas', enabled: false, removed_at: null })
  for (const observed of ['status', 'consecutive_failures', 'first_seen_at']) expect(row).not.toHaveProperty(observed)
})

test('one that left the configuration is marked once, and comes back when it comes back', () => {
  expect(rows([], [known('atlas')], NOW)).toEqual([{ machine_id: 'atlas', enabled: false, removed_at: NOW }])
  expect(rows([], [known('atlas', '2026-11-01T00:00:00.000Z')], NOW)).toEqual([])
  expect(rows([machine('atlas')], [known('atlas', '2026-11-01T00:00:00.000Z')], NOW)).toMatchObject([
    { machine_id: 'atlas', enabled: true, removed_at: null },
  ])
})

test('nothing configured, nothing known: nothing is written', () => expect(inventoryBatches([], [], NOW)).toEqual([]))

test('a machine that was added while the disk was full is known as soon as there is room, without another reload', async () => {
  const disk = { free: 0 }
  const store = await tempStore({ minFreeBytes: 1, freeBytes: async () => disk.free, groupWindowMs: 1 })
  const errors: string[] = []
  const inventory = openInventory(store, { error: (_fields: unknown, text: string) => void errors.push(text) } as never)
  await inventory.sync({ config: { machines: [machine('atlas')] } } as unknown as LoadedConfig)
  inventory.roomAgain()
  await expect.poll(() => errors).toEqual(['the inventory was not stored'])
  expect(await machineById(store.db, 'atlas')).toBeNull()
  disk.free = 10
  await expect
    .poll(async () => {
      inventory.roomAgain()
      return (await machineById(store.db, 'atlas'))?.ssh_target
    })
    .toBe('me@atlas')
  expect(errors).toEqual(['the inventory was not stored'])
})
