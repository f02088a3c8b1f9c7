// Scan, parse, price and dedup without a store, bundled into the built program: `node bench-scan.js HOME` prints one JSON line.
import { join } from 'node:path'
import { claude } from '../../src/collectors/claude/index.ts'
import { codex } from '../../src/collectors/codex/index.ts'
import type { CollectContext } from '../../src/core/collector.ts'
import { WorkerPool } from '../../src/transport/workers/pool.ts'

const [home = ''] = process.argv.slice(2)

const contextFor = (pool: WorkerPool): CollectContext => {
  const refuse = async (): Promise<never> => {
    throw new Error('not asked here')
  }
  return {
    machine: { id: 'bench', local: true, os: 'Linux', tools: null },
    startedAt: new Date(),
    cursors: new Map(),
    options: {},
    known: async () => [],
    work: (job, payload) => pool.run(job, payload),
    progress: () => undefined,
    warn: () => undefined,
    run: refuse,
    stat: refuse,
    readRange: refuse,
    sqlite: refuse,
  }
}

const started = performance.now()
const pool = new WorkerPool({ home, env: { CLAUDE_CONFIG_DIR: join(home, 'second') } })
const ctx = contextFor(pool)
const results = await Promise.all([claude, codex].map((collector) => collector.collect(ctx)))
const ms = performance.now() - started
await pool.close()
const rows = results.flatMap(({ batches }) =>
  batches.filter(({ table }) => table === 'agent_usage').flatMap((b) => b.rows),
)
const output = rows.reduce((sum, row) => sum + Number(row.output_tokens), 0)
process.stdout.write(`${JSON.stringify({ ms, messages: rows.length, output })}\n`)
