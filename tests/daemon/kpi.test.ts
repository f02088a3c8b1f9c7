import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AskRequest } from '../../src/core/carrier.ts'
import { silentLog } from '../../src/core/log.ts'
import { openKpiWatch } from '../../src/daemon/kpi.ts'
import { answer, queries } from '../../src/queries/index.ts'
import { NOW, planOf, seededStore } from '../queries/seeded-store.ts'

let seeded: Awaited<ReturnType<typeof seededStore>>
let clock = NOW
const plan = planOf(['atlas', 'borg', 'coyote'])
const context = () => ({ db: seeded.store.db, now: clock, plan })
const ask = (params: AskRequest['params'] = {}) => answer(queries, { topic: 'kpi', params }, context())
// biome-ignore lint/suspicious/noExplicitAny: answers are looked into as an agent would
const data = async (params: AskRequest['params'] = {}): Promise<any> => (await ask(params)).data
const later = (minutes: number): Date => new Date(NOW.getTime() + minutes * 60_000)
const look = async (watch: { look(): Promise<void> }): Promise<void> => {
  const pushing = setInterval(() => void seeded.store.flush(), 10)
  await watch.look().finally(() => clearInterval(pushing))
}
const open = () => openKpiWatch({ store: seeded.store, context, log: silentLog })

beforeAll(async () => {
  seeded = await seededStore()
})
afterAll(() => seeded.close())

test('before the first there are none, and the answer says so', async () => {
  const reply = await ask()
  expect(reply.data).toEqual({ now: null, trend: [], snapshots: [] })
  expect(reply.warnings?.[0]).toMatch(/^not_collected/)
})

test('five minutes are one row, also across a restart; what no source tells is null', async () => {
  const watch = open()
  await look(watch)
  clock = later(3)
  await look(watch)
  await look(open())
  const { now, snapshots } = await data()
  expect(snapshots).toHaveLength(1)
  expect(now).toMatchObject({
    ts: NOW.toISOString(), machines_total: 3, agents_active: 1, agents_waiting: 1, agents_idle: 0, alerts_critical: 1,
    tokens_today: 2320, cost_today_microusd: 5000, unpriced_tokens_today: 1160,
    beads_active: null, beads_failed_15m: null, convoys_active: null, pty_utilization_pct: null, patrol_ok: false,
  }) // biome-ignore format: a row
})

test('the trend is a line through enough of them, and none through a few', async () => {
  const watch = open()
  for (const minutes of [5, 10, 15]) {
    clock = later(minutes)
    await look(watch)
  }
  expect((await data()).trend.find((one: { figure: string }) => one.figure === 'agents_active')).toMatchObject({
    samples: 4,
    per_hour: null,
  })
  for (const minutes of [20, 25, 30]) {
    clock = later(minutes)
    await look(watch)
  }
  const { trend, snapshots } = await data({ limit: 3 })
  expect(trend.find((one: { figure: string }) => one.figure === 'agents_active')).toMatchObject({
    samples: 7,
    first: 1,
    last: 1,
    per_hour: 0,
  })
  expect(snapshots.at(-1).ts).toBe(later(30).toISOString())
  expect(snapshots.length).toBeLessThanOrEqual(3)
})

test('at a past time only what was there then', async () => {
  expect((await data({ at: later(11).toISOString() })).now.ts).toBe(later(10).toISOString())
})

test('a clock put back writes no five minutes twice', async () => {
  const watch = open()
  clock = later(35)
  await look(watch)
  clock = later(20)
  await look(watch)
  clock = later(36)
  expect((await data({ limit: 100 })).snapshots).toHaveLength(8)
})
