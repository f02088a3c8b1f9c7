import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { live } from '../../../src/collectors/live/index.ts'
import type { Row } from '../../../src/core/rows.ts'
import { readRangeHere, statHere } from '../../../src/transport/files.ts'
import { contextWith, runInShell } from '../shell-context.ts'

const NOW = new Date('2026-11-20T12:00:00Z')
const [MINE, OTHER] = ['01a201bc-a863-7863-a8bb-60c4a288e346', '01a201c3-73b1-73a0-a5da-06b4b63f6b07'] as const

let home = ''
let server: ChildProcess | null = null
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'vc-served-'))
  mkdirSync(join(home, '.codex/thread-writer-locks'), { recursive: true })
  writeFileSync(join(home, '.codex/thread_history_1.sqlite'), 'x')
})
afterEach(() => {
  server?.kill('SIGKILL')
  rmSync(home, { recursive: true, force: true })
})

const turn = (thread: string): Row => ({
  thread_id: thread,
  turn_id: `turn of ${thread}`,
  status: 'inProgress',
  started_at: 1795215700,
  rollout_ordinal: 1,
})

/** A process that keeps the lock of a thread open, as the background server does. */
const serve = async (thread: string): Promise<Row> => {
  const lock = join(home, '.codex/thread-writer-locks', `${thread}.lock`)
  server = spawn('sh', ['-c', 'exec 9>>"$1"; echo; read -r _', '-', lock])
  await new Promise((resolve) => server?.stdout?.once('data', resolve))
  return { cli: 'codex', pid: server.pid ?? 0, detached: true, gone: false }
}

interface Look {
  readonly rows: readonly Row[]
  readonly cursors: ReadonlyMap<string, unknown>
  readonly asks: number
}

const look = async (processes: readonly Row[], turns: readonly Row[], before?: Look, afterMs = 0): Promise<Look> => {
  let asks = 0
  const base = contextWith({
    run: (ask) => {
      asks += 1
      return runInShell(ask, { PATH: process.env.PATH ?? '', HOME: home })
    },
    startedAt: new Date(NOW.getTime() + afterMs),
    cursors: before?.cursors ?? new Map(),
    known: { latest_agent_sightings: before?.rows ?? [], latest_agent_processes: processes },
  })
  const result = await live.collect({
    ...base,
    stat: statHere,
    readRange: readRangeHere,
    sqlite: async () => ({ is: 'rows', rows: turns }),
  })
  const cursors = new Map(result.cursors?.map(({ key, value }) => [key, value]))
  return { rows: result.batches[0]?.rows ?? [], cursors: new Map([...(before?.cursors ?? []), ...cursors]), asks }
}

const served = ({ rows }: Look) =>
  rows.flatMap((row) => (row.sighting_source === 'codex.server' ? [[row.session_id, row.says, row.rule]] : []))

describe.skipIf(process.platform !== 'linux')('threads that a background server of Codex runs', () => {
  test('are those whose lock it holds; the turn of another stands for itself', async () => {
    const row = await serve(MINE)
    const seen = await look([row], [turn(MINE), turn(OTHER)])
    expect(served(seen)).toEqual([[MINE, 'working', 'codex.server.turn@0.169']])
    expect(seen.rows.filter((one) => one.sighting_source === 'codex.threads')).toHaveLength(2)
    const again = await look([row], [], seen, 2_000)
    expect([again.asks, served(again)]).toEqual([0, served(seen)])
  })

  test('a thread that was not there yet is asked about at once, and once, and nothing is asked where no server runs', async () => {
    const row = await serve(MINE)
    const none = await look([row], [])
    writeFileSync(join(home, '.codex/thread_history_1.sqlite'), 'xx')
    const begun = await look([row], [turn(MINE)], none, 2_000)
    expect([none.asks, begun.asks, served(begun).length]).toEqual([2, 2, 1])
    expect((await look([row], [turn(MINE)], begun, 4_000)).asks).toBe(0)
    const ended = await look([], [turn(MINE)], begun, 8_000)
    expect([ended.asks, served(ended)]).toEqual([1, []])
  })
})
