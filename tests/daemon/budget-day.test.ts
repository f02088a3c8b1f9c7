import { afterEach, expect, test } from 'vitest'
import { parseConfig } from '../../src/config/index.ts'
import type { Row } from '../../src/core/rows.ts'
import { openFleetLook } from '../../src/daemon/alert-fleet-look.ts'
import { answer, queries } from '../../src/queries/index.ts'
import { inventory, planOf, run } from '../queries/seeded-store.ts'
import { tempStore } from '../store/support.ts'

const HERE = process.env.TZ
afterEach(() => {
  if (HERE === undefined) delete process.env.TZ
  else process.env.TZ = HERE
})

const NOW = new Date('2026-11-01T03:00:00Z')
const token = (key: string, ts: string, usd: number): Row => ({
  ...{ provider: 'anthropic', message_key: key, ts: new Date(ts), cli: 'claude', session_id: 's', model: 'm' },
  ...{ is_sidechain: false, shared: false, input_tokens: 1, output_tokens: 0, cache_read_tokens: 0 },
  ...{ cache_write_5m_tokens: 0, cache_write_1h_tokens: 0, reasoning_tokens: 0, total_tokens: 1 },
  cost_microusd: usd * 1e6,
})

test.each(['America/St_Johns', 'Asia/Kathmandu', 'Pacific/Apia', 'UTC'])(
  'in %s a budget is counted over the same day and month as vc cost counts it',
  async (zone) => {
    process.env.TZ = zone
    const store = await tempStore({ now: () => NOW, groupWindowMs: 1 })
    const machines = { table: 'machines', rows: inventory(['atlas']) }
    await store.write({ machineId: 'atlas', source: 'config', at: NOW, batches: [machines] })
    const rows = [
      token('yesterday', '2026-10-31T23:30:00Z', 4),
      token('today', '2026-11-01T00:30:00Z', 1),
      // By a clock that is ahead.
      token('tomorrow', '2026-11-02T10:00:00Z', 16),
    ]
    await store.append(run('atlas', 'claude', 5, [{ table: 'agent_usage', rows }]))
    const toml = '[alerts]\ndaily_budget_usd = 10\nmonthly_budget_usd = 100\n'
    const alerts = parseConfig(toml, 'vc.toml').config?.alerts
    if (alerts === undefined) throw new Error('the configuration was refused')
    const plan = { ...planOf(['atlas']), budgets: { dayMicrousd: 10e6, monthMicrousd: 100e6 } }
    const ctx = { db: store.db, now: NOW, plan }
    const signals = await openFleetLook().signals(ctx, alerts)
    const cost = await answer(queries, { topic: 'cost', params: {} }, ctx)
    const { budgets } = cost.data as { budgets: { period: string; spent_microusd: number }[] }
    expect(signals.budgets?.map((one) => [one.period, one.spentMicrousd])).toEqual([
      ['day', 1e6],
      ['month', 1e6],
    ])
    expect(budgets.map((one) => [one.period, one.spent_microusd])).toEqual([
      ['day', 1e6],
      ['month', 1e6],
    ])
  },
)
