// Scan, parse, price and dedup without a store, bundled into the built program: `node bench-scan.js HOME` prints one JSON line.
// `node bench-scan.js HOME TICKS BYTES`: then so many ticks more, each after one session grew by so many bytes, as in a daemon
// whose threads are warm.
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { claude } from '../../src/collectors/claude/index.ts'
import { codex } from '../../src/collectors/codex/index.ts'
import type { CollectContext, Collector } from '../../src/core/collector.ts'
import { WorkerPool } from '../../src/transport/workers/pool.ts'
import { appendTo } from './append.ts'

const [home = '', ticks = '0', appendBytes = '0'] = process.argv.slice(2)
// A daemon looks every half minute: between two looks its threads have time for themselves.
const LEISURE_MS = 300

const cursors = new Map<string, unknown>()

const contextFor = (pool: WorkerPool): CollectContext => {
  const refuse = async (): Promise<never> => {
    throw new Error('not asked here')
  }
  return {
    machine: { id: 'bench', local: true, os: 'Linux', tools: null },
    startedAt: new Date(),
    cursors: new Map(cursors),
    options: {},
    known: async () => [],
    work: (job, payload) => pool.run(job, payload),
    progress: () => undefined,
    warn: () => undefined,
    run: refuse,
    stat: refuse,
    readRange: refuse,
    sqlite: refuse,
    mysql: refuse,
  }
}

const pool = new WorkerPool({ home, env: { CLAUDE_CONFIG_DIR: join(home, 'second') } })

/** One look: milliseconds, bytes read, rows. */
const look = async (collectors: readonly Collector[]) => {
  const started = performance.now()
  const results = await Promise.all(collectors.map((collector) => collector.collect(contextFor(pool))))
  const ms = performance.now() - started
  const usage = results.flatMap(({ batches }) => batches.filter(({ table }) => table === 'agent_usage'))
  for (const { key, value } of results[0]?.cursors ?? []) cursors.set(key, value)
  return { ms, usage, read: results.reduce((sum, result) => sum + (result.bytesRead ?? 0), 0) }
}

const { ms, usage } = await look([claude, codex])
let messages = 0
let output = 0
for (const { rows, packed } of usage) {
  messages += rows.length + (packed?.count ?? 0)
  for (const row of rows) output += Number(row.output_tokens)
  const column = packed?.columns.output_tokens
  if (column?.is === 'numbers') for (const value of column.values) output += value
}
const grown: { readonly ms: number; readonly appended: number; readonly read: number }[] = []
for (let tick = 0; tick < Number(ticks); tick += 1) {
  const appended = appendTo(home, Number(appendBytes), tick * 10_000)
  await setTimeout(LEISURE_MS)
  const { ms: tickMs, read } = await look([claude])
  grown.push({ ms: tickMs, appended, read })
}
await pool.close()
process.stdout.write(`${JSON.stringify({ ms, messages, output, ticks: grown })}\n`)
