// Scan, parse, price and dedup without a store, built into the program: `node scan.js HOME` prints one JSON line.
// `node scan.js HOME TICKS BYTES`: then so many ticks more after one session grew by so many bytes, and as many after it grew by
// a line, as in a daemon whose threads are warm.
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
const tick = async (bytes: number, from: number) => {
  const appended = appendTo(home, bytes, from)
  await setTimeout(LEISURE_MS)
  const grown = await look([claude])
  return { ms: grown.ms, appended, read: grown.read }
}
const ticksOf = async (bytes: number, from: number) => {
  const done: Awaited<ReturnType<typeof tick>>[] = []
  for (let n = 0; n < Number(ticks); n += 1) done.push(await tick(bytes, from + n * 10_000))
  return done
}
const grown = await ticksOf(Number(appendBytes), 0)
const byLine = await ticksOf(1, 1_000_000)
await pool.close()
process.stdout.write(`${JSON.stringify({ ms, messages, output, ticks: grown, byLine })}\n`)
