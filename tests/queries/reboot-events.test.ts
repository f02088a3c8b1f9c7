// That a machine was started anew, as `vc watch` tells it.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Row } from '../../src/core/rows.ts'
import { answer, queries } from '../../src/queries/index.ts'
import { ago, inventory, NOW, planOf, seededStore } from './seeded-store.ts'

let seeded: Awaited<ReturnType<typeof seededStore>>
const seen = async (atS: number, machine_id: string, over: Row): Promise<void> => {
  const batches = [{ table: 'machines', rows: [{ machine_id, ...over }] }]
  await seeded.store.write({ machineId: 'fleet', source: 'oracle', at: ago(atS), batches, awaited: true })
}
const HOST = { status: 'online', hostname: 'vega', boot_id: 'b1', kernel: '6.1.0', os_version: '13' }

beforeAll(async () => {
  seeded = await seededStore()
  const batches = [{ table: 'machines', rows: inventory(['vega', 'wega']) }]
  await seeded.store.write({ machineId: 'fleet', source: 'config', at: ago(5000), batches, awaited: true })
  await seen(4000, 'vega', HOST)
  await seen(3500, 'vega', { transport: 'ssh2' })
  await seen(3000, 'vega', { boot_id: 'b2', kernel: '6.8.0' })
  await seen(2000, 'vega', { status: 'offline', status_reason: 'unreachable' })
  await seen(1000, 'vega', { status: 'online', status_reason: null, boot_id: 'b3' })
  await seen(4000, 'wega', { ...HOST, hostname: 'wega' })
  // The entry leads to another host now: that one was not started anew.
  await seen(3000, 'wega', { hostname: 'other', boot_id: 'b9' })
})
afterAll(() => seeded.close())

const told = async (since: string, machine = 'vega') => {
  const params = { since, machine, type: 'machine' }
  const { data } = await answer(
    queries,
    { topic: 'events', params },
    { db: seeded.store.db, now: NOW, plan: planOf([]) },
  )
  return data as { events: { ts: string; change: string; severity: string; text: string }[]; next: string }
}
const changesIn = async (since: string, machine?: string) =>
  (await told(since, machine)).events.map(({ change }) => change)

test('each reboot is told once, with what of the system is another one, and nothing else of it', async () => {
  expect(await changesIn('6000s')).toEqual(['unknown', 'online', 'rebooted', 'offline', 'rebooted', 'online'])
  const [first] = (await told('3200s')).events
  expect(first).toMatchObject({
    severity: 'warning',
    change: 'rebooted',
    text: 'vega was started anew: kernel 6.1.0 → 6.8.0',
  })
  expect(await changesIn('6000s', 'wega')).toEqual(['unknown', 'online'])
})

test('whoever goes on behind a reboot hears of the next one, and of that one no more', async () => {
  const { ts } = (await told('3200s')).events[0] ?? { ts: '' }
  expect(await changesIn(ts)).toEqual(['offline', 'rebooted', 'online'])
  const { next } = await told(ts)
  expect(await changesIn(next)).toEqual([])
})
