import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { live } from '../../../src/collectors/live/index.ts'
import { startTicksOf } from '../../../src/collectors/live/parse.ts'
import type { Row } from '../../../src/core/rows.ts'
import { readRangeHere, statHere } from '../../../src/transport/files.ts'
import { contextWith, runInShell } from '../shell-context.ts'

const NOW = new Date('2026-11-20T12:00:00Z')
const at = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1_000)
const [OLD, NEW, CHILD] = [
  '01a201bc-a863-7863-a8bb-60c4a288e346',
  '01a201c3-73b1-73a0-a5da-06b4b63f6b07',
  '01a201c4-73b1-73a0-a5da-06b4b63f6b07',
] as const

let home = ''
let running: ChildProcess[] = []
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'vc-locks-'))
  mkdirSync(join(home, '.codex/thread-writer-locks'), { recursive: true })
  writeFileSync(join(home, '.codex/thread_history_1.sqlite'), 'x')
  writeFileSync(join(home, '.codex/state_5.sqlite'), 'x')
})
afterEach(() => {
  for (const child of running) child.kill('SIGKILL')
  running = []
  rmSync(home, { recursive: true, force: true })
})

const lockOf = (thread: string): string => join(home, '.codex/thread-writer-locks', `${thread}.lock`)

/** A Codex that has these threads open, as taken up at these times. */
const codex = async (threads: Readonly<Record<string, Date>>, over: Row = {}): Promise<Row> => {
  const locks = Object.keys(threads).map(lockOf)
  const opens = locks.map((_, index) => `exec ${index + 4}>>"$${index + 1}"`).join('; ')
  const child = spawn('sh', ['-c', `${opens || ':'}; echo; read -r _`, '-', ...locks])
  running.push(child)
  await new Promise((resolve) => child.stdout.once('data', resolve))
  for (const [thread, taken] of Object.entries(threads)) utimesSync(lockOf(thread), taken, taken)
  const pid = child.pid ?? 0
  const start_ticks = startTicksOf(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? 0
  const root = { root_pid: pid, root_start_ticks: start_ticks }
  return { cli: 'codex', pid, start_ticks, ...root, detached: false, gone: false, started_at: NOW, ...over }
}

const turn = (thread: string, status = 'completed'): Row => ({
  thread_id: thread,
  turn_id: `turn of ${thread}`,
  status,
  started_at: NOW.getTime() / 1_000,
  completed_at: NOW.getTime() / 1_000,
})

interface Look {
  readonly rows: readonly Row[]
  readonly cursors: ReadonlyMap<string, unknown>
}

interface World {
  readonly processes: readonly Row[]
  readonly turns?: readonly Row[]
  readonly subAgents?: readonly string[]
}

const look = async ({ processes, turns = [], subAgents = [] }: World, before?: Look, afterS = 1): Promise<Look> => {
  const base = contextWith({
    run: (ask) => runInShell(ask, { PATH: process.env.PATH ?? '', HOME: home }),
    startedAt: at(afterS),
    cursors: before?.cursors ?? new Map(),
    known: { latest_agent_sightings: before?.rows ?? [], latest_agent_processes: processes },
  })
  const index = turns.map(({ thread_id }) => ({
    id: thread_id,
    cwd: '/srv/code/a',
    source: subAgents.includes(String(thread_id)) ? '{"subagent":"other"}' : 'cli',
  }))
  const result = await live.collect({
    ...base,
    stat: statHere,
    readRange: readRangeHere,
    sqlite: async (path) => ({ is: 'rows', rows: path.includes('state_') ? index : turns }),
  })
  const cursors = new Map(result.cursors?.map(({ key, value }) => [key, value]))
  return { rows: result.batches[0]?.rows ?? [], cursors: new Map([...(before?.cursors ?? []), ...cursors]) }
}

const shown = ({ rows }: Look) =>
  rows.flatMap((row) => (row.sighting_source === 'codex.locks' ? [[row.pid, row.session_id, row.says]] : []))

describe.skipIf(process.platform !== 'linux')('the thread that a Codex shows', () => {
  test('is the one it took up last, with a prompt or without, and is told on while nothing moves', async () => {
    const one = await codex({ [OLD]: at(-60), [NEW]: at(-10) })
    const first = await look({ processes: [one], turns: [turn(OLD)] })
    expect(shown(first)).toEqual([[one.pid, NEW, 'unknown']])
    expect(shown(await look({ processes: [one] }, first, 3))).toEqual(shown(first))
  })

  test('is asked for anew as soon as a lock is made or taken away', async () => {
    const one = await codex({ [OLD]: at(-10), [NEW]: at(-60) })
    const world = { processes: [one], turns: [turn(OLD), turn(NEW)] }
    const first = await look(world)
    utimesSync(lockOf(NEW), at(2), at(2))
    const same = await look(world, first, 3)
    expect(shown(same)).toEqual([[one.pid, OLD, 'unknown']])
    writeFileSync(lockOf(CHILD), '')
    expect(shown(await look(world, same, 5))).toEqual([[one.pid, NEW, 'unknown']])
  })

  test("is not a sub-agent's, whether the index tells of it already or not", async () => {
    const one = await codex({ [OLD]: at(-60), [CHILD]: at(-10) })
    const works = turn(OLD, 'inProgress')
    expect(shown(await look({ processes: [one], turns: [works] }))).toEqual([[one.pid, OLD, 'unknown']])
    const told = { processes: [one], turns: [turn(OLD), turn(CHILD)], subAgents: [CHILD] }
    expect(shown(await look(told))).toEqual([[one.pid, OLD, 'unknown']])
  })

  test('is what the background server took up since, where only one is its client', async () => {
    const server = await codex({ [OLD]: at(-60), [NEW]: at(5) }, { detached: true })
    const client = await codex({})
    expect(shown(await look({ processes: [server, client] }, undefined, 8))).toEqual([[client.pid, NEW, 'unknown']])
    const late = { ...client, started_at: at(7) }
    expect(shown(await look({ processes: [server, late] }, undefined, 8))).toEqual([])
    const second = await codex({})
    expect(shown(await look({ processes: [server, client, second] }, undefined, 8))).toEqual([])
  })
})
