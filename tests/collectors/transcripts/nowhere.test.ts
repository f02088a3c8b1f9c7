import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { claude } from '../../../src/collectors/claude/index.ts'
import type { CollectContext, CollectResult } from '../../../src/core/collector.ts'
import { statHere } from '../../../src/transport/files.ts'
import { WorkerPool } from '../../../src/transport/workers/pool.ts'
import { rowsOf } from './local-machine.ts'

let home: string
let env: Record<string, string>
let pool: WorkerPool
let asked: string[]
const cursors = new Map<string, unknown>()

const refuse = async (): Promise<never> => {
  throw new Error('it asks for places and for jobs only')
}
/** As the daemon collects: the cursors of a source are the same map at every look. */
const look = (options: Record<string, unknown> = {}): Promise<CollectResult> =>
  claude.collect({
    machine: { id: 'atlas', local: true, os: 'Linux', tools: null },
    startedAt: new Date(Date.UTC(2026, 10, 21)),
    cursors,
    options,
    known: async () => [],
    work: (job, payload) => {
      asked.push((payload as { do: string }).do)
      return pool.run(job, payload)
    },
    stat: statHere,
    progress: () => undefined,
    warn: () => undefined,
    run: refuse,
    readRange: refuse,
    sqlite: refuse,
    mysql: refuse,
  } satisfies CollectContext)

const LINE = `{"isSidechain":false,"message":{"id":"m1","role":"assistant","model":"claude-sonnet-4-5-20250929","content":[],"stop_reason":"end_turn","usage":{"input_tokens":10,"output_tokens":5}},"type":"assistant","timestamp":"2026-11-20T22:10:00.000Z","cwd":"/w","sessionId":"s1"}\n`
const write = (base: string): void => {
  mkdirSync(join(base, 'projects', '-w'), { recursive: true })
  writeFileSync(join(base, 'projects', '-w', 's1.jsonl'), LINE)
}
const keys = (result: CollectResult) => rowsOf(result, 'agent_usage').map((row) => row.message_key)

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'vc-nowhere-'))
  env = { CLAUDE_CONFIG_DIR: join(home, 'other') }
  pool = new WorkerPool({ home, env })
  asked = []
  cursors.clear()
})
afterEach(async () => {
  await pool.close()
  rmSync(home, { recursive: true, force: true })
})

test('a CLI nobody uses here costs no thread, until one of its homes appears', async () => {
  await look()
  expect(asked).toEqual(['list'])
  expect(await look()).toMatchObject({ cursors: [] })
  expect(asked).toEqual(['list'])
  write(join(home, '.claude'))
  expect(keys(await look())).toEqual(['m1'])
  expect(asked).toEqual(['list', 'list', 'scan'])
})

test('a home that the environment names is waited for as well', async () => {
  await look()
  await look()
  write(join(home, 'other'))
  expect(keys(await look())).toEqual(['m1'])
})

test('a home that is a link is followed by who may follow links', async () => {
  await look()
  write(join(home, 'elsewhere'))
  symlinkSync(join(home, 'elsewhere'), join(home, '.claude'))
  expect(keys(await look())).toEqual(['m1'])
})

test('a home that is there is listed every time', async () => {
  mkdirSync(join(home, '.claude'))
  await look()
  await look()
  expect(asked).toEqual(['list', 'list'])
})

test('a relative place is asked for every time: only the thread knows where it would be', async () => {
  await look({ homes: ['somewhere'] })
  await look({ homes: ['somewhere'] })
  expect(asked).toEqual(['list', 'list'])
})
