import { expect, test } from 'vitest'
import type { Row } from '../../src/core/rows.ts'
import { answer, queries } from '../../src/queries/index.ts'
import { tempStore } from '../store/support.ts'
import { ago, inventory, NOW, planOf, run } from './seeded-store.ts'

const seen = (over: Row): Row => ({
  ...{ provider: 'openai', account_key: 'acc-a', account_label: null, limit_id: 'codex', window_name: '5h' },
  ...{ used_pct: 40, resets_at: ago(-7_200), observed_at: ago(60), observed_source: 'codex.rollout', source_rank: 20 },
  ...over,
})

test('a forecast calls an account what people call it, also where its own source knows the key alone', async () => {
  const store = await tempStore({ now: () => NOW, groupWindowMs: 1 })
  await store.write({
    machineId: 'atlas',
    source: 'config',
    at: ago(7_200),
    batches: [{ table: 'machines', rows: inventory(['atlas']) }],
  })
  const rows = [seen({}), seen({ window_name: '7d', account_label: 'ann@example.net', observed_source: 'caam.limits' })]
  await store.append(run('atlas', 'codex', 5, [{ table: 'account_usage_snapshots', rows }]))
  const { data } = await answer(
    queries,
    { topic: 'forecast', params: {} },
    { db: store.db, now: NOW, plan: planOf(['atlas']) },
  )
  const { limits } = data as { limits: { window: string; label: string | null }[] }
  expect(limits.map(({ window, label }) => [window, label]).sort()).toEqual([
    ['5h', 'ann@example.net'],
    ['7d', 'ann@example.net'],
  ])
})
