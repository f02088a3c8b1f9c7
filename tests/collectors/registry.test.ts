import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { collectors } from '../../src/collectors/index.ts'
import { TOOL_NAMES } from '../../src/collectors/probe/ask.ts'
import type { Collector } from '../../src/core/collector.ts'
import { tableSpec } from '../../src/store/registry.ts'

const ROOM = join(import.meta.dirname, '../../src/collectors')

const isCollector = (value: unknown): value is Collector =>
  typeof value === 'object' && value !== null && 'collect' in value && 'interval' in value && 'name' in value

const all: readonly Collector[] = collectors

test('every collector of the room is registered, once', async () => {
  const files = globSync(['*.ts', '*/index.ts'], { cwd: ROOM }).filter((file) => file !== 'index.ts')
  const modules = await Promise.all(files.map((file) => import(join(ROOM, file)) as Promise<Record<string, unknown>>))
  const found = modules.flatMap((module) => Object.values(module)).filter(isCollector)
  expect(all.map(({ name }) => name).sort()).toEqual([...new Set(found.map(({ name }) => name))].sort())
})

test.each(all.map((collector) => [collector.name, collector] as const))(
  '%s ends before it is due again, and names real tables',
  (_, collector) => {
    expect(collector.timeoutMs).toBeLessThan(collector.interval.localS * 1000)
    expect(collector.remoteTimeoutMs ?? collector.timeoutMs).toBeLessThan(collector.interval.remoteS * 1000)
    expect(collector.tables.filter((table) => tableSpec(table) === undefined)).toEqual([])
    expect(collector.about.length).toBeGreaterThan(20)
  },
)

// A program the probe does not look for is never found: its collector would be absent on every machine, without a word.
// Remedy: name it in TOOL_NAMES of src/collectors/probe/ask.ts.
test.each(all.map((collector) => [collector.name, collector] as const))(
  '%s needs only programs that the probe looks for',
  (_, { needs }) => {
    expect(needs.flat().filter((program) => !TOOL_NAMES.includes(program))).toEqual([])
  },
)

/** These look at more than what the probe knows, so they begin at once. */
const BEGIN_AT_ONCE = new Set(['gemini', 'live', 'opencode', 'probe'])

test.each(all.filter(({ name }) => !BEGIN_AT_ONCE.has(name)).map((collector) => [collector.name, collector] as const))(
  '%s waits for the first probe if what it asks follows from it',
  (name, { needs, afterProbe = false }) => {
    const files = globSync(`${name.replaceAll('_', '-')}/*.ts`, { cwd: ROOM })
    const asks = /known\(\s*'(?:latest_agent_processes|machine_tool_capabilities)'/
    const follows = files.some((file) => asks.test(readFileSync(join(ROOM, file), 'utf8')))
    if (follows) expect(needs.length > 0 || afterProbe).toBe(true)
  },
)
