import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseConfig, type VcConfig } from '../../src/config/index.ts'
import { silentLog } from '../../src/core/log.ts'
import type { Row } from '../../src/core/rows.ts'
import { openLatePrices, priceLate } from '../../src/daemon/late-prices.ts'
import { type UnpricedBehind, type UnpricedMessage, unpricedMessages } from '../../src/store/index.ts'
import { ago, run, seededStore } from '../queries/seeded-store.ts'
import { tempStore } from '../store/support.ts'

const usage = (key: string, model: string | null, over: Row = {}): Row => ({
  provider: 'mock', message_key: key, ts: ago(60), request_id: null, cli: 'claude', session_id: 's-late', parent_session_id: null,
  is_sidechain: false, shared: false, model, input_tokens: 10, output_tokens: 5, cache_read_tokens: 0, cache_write_5m_tokens: 0,
  cache_write_1h_tokens: 0, reasoning_tokens: 0, total_tokens: 15, cost_microusd: null, price_source: null, account_key: 'team-a', cwd: '/w', project: 'w', repo: null, ...over,
}) // biome-ignore format: a row

let seeded: Awaited<ReturnType<typeof seededStore>>
beforeAll(async () => {
  seeded = await seededStore()
  const rows = [
    usage('k1', 'mock-1'),
    usage('k2', 'mock-1', { cost_microusd: 7, price_source: 'opencode' }),
    usage('k3', 'mock-2'),
    usage('k4', null),
    usage('k5', 'claude-sonnet-4-5-20250929', { provider: 'anthropic' }),
  ]
  await seeded.store.append(run('atlas', 'claude', 3, [{ table: 'agent_usage', rows }]))
})
afterAll(() => seeded.close())

const priced = (input: number, output: number) =>
  parseConfig(`[prices."mock/mock-1"]\ninput_usd_per_mtok = ${input}\noutput_usd_per_mtok = ${output}\n`, 'vc.toml')
    .config as VcConfig
const stored = () =>
  seeded.store.db.rows(
    "SELECT message_key, cost_microusd, price_source, machine_id, account_key FROM agent_usage WHERE session_id = 's-late' ORDER BY 1",
  )

test('messages read before their model had a price get it once there is one, and nothing else of them changes', async () => {
  const before = await stored()
  await priceLate(seeded.store, priced(2, 10), silentLog)
  const after = await stored()
  const source = expect.stringMatching(/^vc\.toml@/)
  expect(after).toEqual([
    { ...before[0], cost_microusd: 70, price_source: source },
    before[1],
    before[2],
    before[3],
    { ...before[4], cost_microusd: 105, price_source: expect.stringMatching(/^genai-prices@/) },
  ])
  const [day] = await seeded.store.db.rows(
    "SELECT sum(cost_microusd) AS cost, sum(unpriced_tokens) AS unpriced FROM usage_1d WHERE provider = 'mock'",
  )
  expect(day).toEqual({ cost: 77, unpriced: 30 })
  const named = await seeded.store.db.rows("SELECT model FROM prices WHERE price_source LIKE 'vc.toml@%'")
  expect(named).toEqual([{ model: 'mock-1' }])
})

test('a price that changes later leaves what was priced', async () => {
  const before = await stored()
  await priceLate(seeded.store, priced(200, 1000), silentLog)
  expect(await stored()).toEqual(before)
})

test('tens of thousands of messages hold up neither a start nor a stop: the next start goes on with them', async () => {
  const many = Array.from({ length: 4_001 }, (_, i) => usage(`m${String(i).padStart(5, '0')}`, 'mock-3'))
  await seeded.store.append(run('atlas', 'claude', 2, [{ table: 'agent_usage', rows: many }]))
  const config = parseConfig('[prices."mock/mock-3"]\ninput_usd_per_mtok = 1\noutput_usd_per_mtok = 1\n', 'vc.toml')
    .config as VcConfig
  const unpriced = async () =>
    (
      await seeded.store.db.rows<{ n: number }>(
        "SELECT count(*)::INTEGER AS n FROM agent_usage WHERE model = 'mock-3' AND cost_microusd IS NULL",
      )
    )[0]?.n
  let writes = 0
  const first = openLatePrices(
    {
      db: seeded.store.db,
      write(change) {
        writes += 1
        void first.stop()
        return seeded.store.write(change)
      },
    },
    silentLog,
  )
  first.look(config)
  expect(writes).toBe(0)
  // A look that was asked for behind the first is not begun any more.
  first.look(config)
  while (writes === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  await first.stop()
  expect([writes, await unpriced()]).toEqual([1, 2_001])
  await priceLate(seeded.store, config, silentLog)
  expect(await unpriced()).toBe(0)
})

test('messages without a price are read page by page in the order of their time, each once', async () => {
  const store = await tempStore({ groupWindowMs: 0 })
  const at = { e: 500, d: 400, c: 400, b: 300, a: 200, f: 100 }
  const rows = Object.entries(at).map(([key, seconds]) => usage(key, 'mock-1', { ts: ago(seconds) }))
  await store.append(run('atlas', 'claude', 3, [{ table: 'agent_usage', rows }]))
  const pages: string[] = []
  for (let behind: UnpricedBehind | null = null; ; ) {
    const asked = { provider: 'mock', model: 'mock-1', behind, limit: 2 }
    const page: readonly UnpricedMessage[] = await unpricedMessages(store.db, asked)
    if (page.length === 0) break
    pages.push(page.map(({ message_key: key }) => key).join(''))
    behind = page.at(-1) ?? null
  }
  expect(pages).toEqual(['ec', 'db', 'af'])
})
