// The nightly backtest shares its thread with every answer: it gives way after each forecast.
import { expect, test, vi } from 'vitest'
import { backtestHistory } from '../../src/daemon/nightly-backtest.ts'
import { run } from '../queries/seeded-store.ts'
import { tempStore } from '../store/support.ts'

const { turn, forecasts } = vi.hoisted(() => ({ turn: { nth: 0 }, forecasts: [] as number[] }))
vi.mock('../../src/oracle/backtest.ts', async (original) => {
  const real = await original<typeof import('../../src/oracle/backtest.ts')>()
  const replayLimit: typeof real.replayLimit = (...given) => {
    forecasts.push(turn.nth)
    return real.replayLimit(...given)
  }
  return { ...real, replayLimit }
})

const START_MS = Date.parse('2026-11-20T06:00:00Z')
const minute = (min: number): Date => new Date(START_MS + min * 60_000)

test('no two forecasts of the backtest are made in one turn of the loop', async () => {
  const store = await tempStore({ groupWindowMs: 0 })
  const rows = Array.from({ length: 100 }, (_, i) => ({
    ...{
      provider: 'anthropic',
      account_key: 'a',
      account_label: null,
      limit_id: '',
      window_name: '5h',
      used_pct: 20 + i / 2,
    },
    ...{
      resets_at: minute(600),
      observed_at: minute(i * 5),
      observed_source: 'claude.cache',
      source_rank: 20,
      plan: null,
    },
    ...{ credits: null, status: null },
  }))
  await store.append(
    run('atlas', 'claude', 0, [{ table: 'account_usage_snapshots', rows }], { startedAt: minute(500) }),
  )
  let isOver = false
  const count = (): void => {
    turn.nth += 1
    if (!isOver) setImmediate(count)
  }
  setImmediate(count)
  await backtestHistory({ db: store.db, now: minute(500), plan: { machines: [] } })
  isOver = true
  expect(forecasts.length).toBeGreaterThan(5)
  expect(new Set(forecasts).size).toBe(forecasts.length)
})
