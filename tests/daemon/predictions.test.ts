import { expect, test } from 'vitest'
import { silentLog } from '../../src/core/log.ts'
import type { Row } from '../../src/core/rows.ts'
import { backtestHistory, runBacktest } from '../../src/daemon/nightly-backtest.ts'
import { openPredictions } from '../../src/daemon/predictions.ts'
import { answer, queries } from '../../src/queries/index.ts'
import type { Store } from '../../src/store/index.ts'
import { run } from '../queries/seeded-store.ts'
import { tempStore } from '../store/support.ts'

const START_MS = Date.parse('2026-11-20T06:00:00Z')
const minute = (min: number): Date => new Date(START_MS + min * 60_000)
const RESET = minute(300)

const seen = (key: string, min: number, pct: number, over: Row = {}): Row => ({
  provider: 'anthropic', account_key: key, account_label: null, limit_id: '', window_name: '5h', used_pct: pct, resets_at: RESET,
  observed_at: minute(min), observed_source: 'claude.cache', source_rank: 20, plan: null, credits: null, status: null, ...over,
}) // biome-ignore format: a table of values

const collect = async (store: Store, machine: string, min: number, rows: readonly Row[]): Promise<void> => {
  const batches = [{ table: 'account_usage_snapshots', rows }]
  const appended = store.append(run(machine, 'claude', 0, batches, { startedAt: minute(min) }))
  await store.flush()
  expect(await appended).toMatchObject({ ok: true })
}

/** Two machines take turns in seeing one account rise by half a percent a minute; another account idles. */
const rising = async (store: Store, fromMin: number, toMin: number): Promise<void> => {
  for (let min = fromMin; min <= toMin; min += 5)
    await collect(store, min % 10 === 0 ? 'atlas' : 'borg', min, [
      seen('team-a', min, Math.min(100, Math.round(20 + min * 0.5))),
      seen('team-b', min, 10),
    ])
}

const playing = async () => {
  const store = await tempStore({ groupWindowMs: 0 })
  let now = minute(0)
  const plan = { machines: [] }
  const predictions = openPredictions({ store, plan: () => plan, now: () => now, log: silentLog })
  const at = async (min: number): Promise<void> => {
    now = minute(min)
    await predictions.turn()
  }
  const ask = async (topic: string): Promise<never> =>
    (await answer(queries, { topic, params: {} }, { db: store.db, now, plan })).data as never
  return { store, predictions, at, ask, context: () => ({ db: store.db, now, plan }) }
}

interface Told {
  readonly subject: string
  readonly outlook: string
  readonly value_minutes: number | null
  readonly action: string
}
const told = (store: Store): Promise<Told[]> =>
  store.db.rows<Told>(
    "SELECT subject, outlook, value_minutes, action FROM latest_predictions WHERE kind = 'limit' ORDER BY 1",
  )

test('one account seen from two machines is one series; its limit is foretold, stored, and scored at the reset', async () => {
  const { store, at, ask, context } = await playing()
  await rising(store, 0, 100)
  await at(100)
  const [hot, idle] = await told(store)
  expect(hot).toMatchObject({ subject: 'anthropic team-a - 5h', outlook: 'forecast' })
  expect(hot?.value_minutes).toBeGreaterThan(48)
  expect(hot?.value_minutes).toBeLessThan(72)
  expect(idle?.outlook).not.toBe('forecast')

  const forecast = (await ask('forecast')) as { limits: { account: string; action: string; alternatives: unknown }[] }
  expect(forecast.limits[0]).toMatchObject({
    account: 'team-a',
    alternatives: [{ account: 'team-b', headroom_pct: 90, cache_loss_microusd: null }],
  })

  await rising(store, 105, 165)
  await at(200)
  expect(await store.db.rows('SELECT * FROM prediction_scores'), 'nothing is scored before its horizon').toEqual([])
  await at(315)
  const [score] = await store.db.rows<{
    outcome: string
    actual_minutes: number
    relative_error: number
    brier: number
  }>('SELECT outcome, actual_minutes, relative_error, brier FROM prediction_scores ORDER BY made_at LIMIT 1')
  expect(score).toMatchObject({ outcome: 'came', actual_minutes: 60 })
  expect(score?.relative_error).toBeLessThan(0.2)
  expect(score?.brier).toBeLessThan(0.05)
  await at(330)
  const counts = await store.db.rows<{ n: number }>(
    'SELECT count(*) AS n FROM prediction_scores GROUP BY kind, subject, made_at',
  )
  expect(new Set(counts.map(({ n }) => n)), 'each is scored once').toEqual(new Set([1]))

  const said = (await ask('oracle')) as { kinds: { kind: string; came: number; calibration: { n: number }[] }[] }
  expect(said.kinds).toMatchObject([{ kind: 'limit', came: 1, calibration: [{ n: 1 }] }])

  await runBacktest({ store, context, log: silentLog })
  const row = await backtestHistory(context())
  expect(row).toMatchObject({ kind: 'limit' })
  expect(Number(row?.outcomes)).toBeGreaterThan(0)
  expect(await ask('oracle')).toMatchObject({ backtests: [{ kind: 'limit', instants: Number(row?.instants) }] })
})

test('the same is not told again before five minutes have passed, a new advice at once, a restart repeats nothing', async () => {
  const { store, at, predictions } = await playing()
  await rising(store, 0, 100)
  await at(100)
  const count = async (): Promise<number> =>
    (await store.db.rows<{ n: number }>("SELECT count(*) AS n FROM predictions WHERE subject LIKE '%team-a%'"))[0]?.n ??
    -1
  expect(await count()).toBe(1)
  predictions.wrote([{ table: 'account_usage_snapshots', rows: [{}] }])
  await at(101)
  expect(await count()).toBe(1)
  await at(106)
  expect(await count()).toBe(2)
  const again = openPredictions({ store, plan: () => ({ machines: [] }), now: () => minute(107), log: silentLog })
  await again.turn()
  expect(await count()).toBe(2)
})

test('a window nobody looked at again is not claimed to have ended well or badly', async () => {
  const { store, at } = await playing()
  await rising(store, 0, 100)
  await at(100)
  await at(400)
  const rows = await store.db.rows('SELECT outcome, actual_minutes, brier FROM prediction_scores')
  expect(rows).toEqual([{ outcome: 'unknown', actual_minutes: null, brier: null }])
})

test('a disk that fills steadily is foretold; taken back when it was emptied', async () => {
  const { store, at, ask } = await playing()
  const disk = async (min: number, usedGb: number): Promise<void> => {
    const row = {
      mount: '/data', fs_type: 'ext4', size_bytes: 1000e9, used_bytes: usedGb * 1e9, avail_bytes: (1000 - usedGb) * 1e9,
      used_pct: usedGb / 10, inodes_total: null, inodes_free: null,
    } // biome-ignore format: a table of values
    const appended = store.append(
      run('atlas', 'probe', 0, [{ table: 'sys_filesystems', rows: [row] }], { startedAt: minute(min) }),
    )
    await store.flush()
    await appended
  }
  for (let min = 0; min <= 600; min += 30) await disk(min, 800 + min / 6 + (min % 60 === 0 ? 1 : 0))
  await at(601)
  const { capacity } = (await ask('forecast')) as { capacity: { machine: string; minutes_to_full: number }[] }
  expect(capacity).toMatchObject([{ machine: 'atlas', kind: 'disk_full', subject: '/data' }])
  expect(capacity[0]?.minutes_to_full).toBeGreaterThan(500)
  expect(capacity[0]?.minutes_to_full).toBeLessThan(700)
  for (let min = 630; min <= 1500; min += 30) await disk(min, 300)
  await at(1501)
  const latest = await store.db.rows("SELECT outlook, value_minutes FROM latest_predictions WHERE kind = 'disk_full'")
  expect(latest).toEqual([{ outlook: 'withdrawn', value_minutes: null }])
})
