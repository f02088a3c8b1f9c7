import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { live } from '../../../src/collectors/live/index.ts'
import { ownersOf } from '../../../src/collectors/live/opencode-runs.ts'
import { startTicksOf } from '../../../src/collectors/live/parse.ts'
import type { Row } from '../../../src/core/rows.ts'
import { readRangeHere, statHere } from '../../../src/transport/files.ts'
import { contextWith, runInShell } from '../shell-context.ts'

const NOW = new Date('2026-11-20T12:00:00Z')

let home = ''
let children: ChildProcess[] = []
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'vc-runs-'))
})
afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  children = []
  rmSync(home, { recursive: true, force: true })
})

const line = (second: number, run: string, rest: string): string =>
  `timestamp=2026-11-20T11:59:${String(second).padStart(2, '0')}.000Z level=INFO run=${run} ${rest}\n`

const logBelow = (data: string): string => {
  mkdirSync(join(home, data, 'opencode/log'), { recursive: true })
  return join(home, data, 'opencode/log/opencode.log')
}

/** A process that keeps the log open for appending, and writes what it is told. */
const opencode = async (log: string): Promise<{ readonly row: Row; write(text: string): Promise<void> }> => {
  const child = spawn('sh', [
    '-c',
    'exec 9>>"$1"; while IFS= read -r l; do printf "%s\\n" "$l" >&9; echo; done',
    '-',
    log,
  ])
  children.push(child)
  const written = (): Promise<unknown> => new Promise((resolve) => child.stdout?.once('data', resolve))
  const write = async (text: string): Promise<void> => {
    const done = written()
    child.stdin?.write(text)
    await done
  }
  await new Promise((resolve) => child.once('spawn', resolve))
  const ticks = startTicksOf(readFileSync(`/proc/${child.pid}/stat`, 'utf8'))
  const row = {
    cli: 'opencode',
    pid: child.pid ?? 0,
    start_ticks: ticks,
    root_pid: child.pid ?? 0,
    root_start_ticks: ticks,
  }
  return { row, write }
}

interface Look {
  readonly says: Readonly<Record<string, unknown>>
  readonly rows: readonly Row[]
  readonly cursors: ReadonlyMap<string, unknown>
  readonly asks: number
}

const look = async (processes: readonly Row[], before?: Look, local = true, afterMs = 0): Promise<Look> => {
  let asks = 0
  const env = { PATH: process.env.PATH ?? '', HOME: home }
  const base = contextWith({
    run: (ask) => {
      asks += 1
      return runInShell(ask, env)
    },
    startedAt: new Date(NOW.getTime() + afterMs),
    cursors: before?.cursors ?? new Map(),
    known: { latest_agent_sightings: before?.rows ?? [], latest_agent_processes: processes },
  })
  const result = await live.collect({
    ...base,
    machine: { ...base.machine, local },
    stat: statHere,
    readRange: readRangeHere,
    sqlite: async () => ({ is: 'missing' }),
  })
  const rows = result.batches[0]?.rows ?? []
  const cursors = new Map(result.cursors?.map(({ key, value }) => [key, value]))
  const says = Object.fromEntries(rows.map((row) => [`${row.pid}`, [row.session_id, row.says]]))
  return { says, rows, cursors: new Map([...(before?.cursors ?? []), ...cursors]), asks }
}

describe.skipIf(process.platform !== 'linux')('whose a run of OpenCode is', () => {
  test.each([true, false])('the position of a process in the log that all share tells (local: %s)', async (local) => {
    const log = logBelow('.local/share')
    const [one, two] = [await opencode(log), await opencode(log)]
    await one.write(line(1, 'aa', 'message=loop session.id=ses_a step=0'))
    await two.write(line(2, 'bb', 'message=loop session.id=ses_b step=0'))
    await two.write(line(3, 'bb', 'message="exiting loop" session.id=ses_b'))
    await one.write(line(4, 'aa', 'message=asking id=per_1 permission=bash'))
    expect((await look([one.row, two.row], undefined, local)).says).toEqual({
      [`${one.row.pid}`]: ['ses_a', 'needs_approval'],
      [`${two.row.pid}`]: ['ses_b', 'turn_finished'],
    })
  })

  test('a position that is no end of a line names nobody', async () => {
    const log = logBelow('.local/share')
    const one = await opencode(log)
    await one.write(line(1, 'aa', 'message=loop session.id=ses_a step=0'))
    // the log was emptied and filled anew by others
    appendFileSync(log, '', { flag: 'w' })
    appendFileSync(log, line(2, 'bb', 'message=loop session.id=ses_b step=0 and=more'))
    expect((await look([one.row])).says).toEqual({ null: ['ses_b', 'working'] })
  })

  test('a log that stands elsewhere is read where its process has it open, and between listings too', async () => {
    const log = logBelow('moved data')
    const one = await opencode(log)
    await one.write(line(1, 'aa', 'message=loop session.id=ses_a step=0'))
    const first = await look([one.row])
    expect(first.says).toEqual({ [`${one.row.pid}`]: ['ses_a', 'working'] })
    await one.write(line(3, 'aa', 'message="exiting loop" session.id=ses_a'))
    const second = await look([one.row], first, true, 2_000)
    expect([second.asks, second.says]).toEqual([0, { [`${one.row.pid}`]: ['ses_a', 'turn_finished'] }])
  })

  test('an OpenCode that starts is asked about at once, and again until it wrote its first line', async () => {
    const log = logBelow('.local/share')
    const none = await look([])
    const one = await opencode(log)
    const silent = await look([one.row], none, true, 2_000)
    expect([none.asks, silent.asks, silent.says]).toEqual([1, 2, {}])
    await one.write(line(1, 'aa', 'message=loop session.id=ses_a step=0'))
    const begun = await look([one.row], silent, true, 4_000)
    expect(begun.says).toEqual({ [`${one.row.pid}`]: ['ses_a', 'working'] })
    expect((await look([one.row], begun, true, 6_000)).asks).toBe(0)
  })
})

describe('owners', () => {
  const row = (pid: number, root = pid): Row => ({
    cli: 'opencode',
    pid,
    start_ticks: pid,
    root_pid: root,
    root_start_ticks: root,
  })
  const holds = (pid: number, run: string, startTicks = pid) => ({ pid, startTicks, run })

  test('what a launcher started is the launcher’s; a run that two claim, or a pid that was given anew, is nobody’s', () => {
    expect(ownersOf([holds(8, 'aa')], [row(7), row(8, 7)])).toEqual({ aa: { pid: 7, startTicks: 7 } })
    expect(ownersOf([holds(7, 'aa'), holds(8, 'aa')], [row(7), row(8, 7)])).toEqual({ aa: { pid: 7, startTicks: 7 } })
    expect(ownersOf([holds(7, 'aa'), holds(8, 'aa')], [row(7), row(8)])).toEqual({})
    expect(ownersOf([holds(7, 'aa', 99)], [row(7)])).toEqual({})
  })

  test('an OpenCode that another one runs as a tool does not take its place', () => {
    expect(ownersOf([holds(9, 'bb'), holds(7, 'aa')], [row(7), row(9, 7)])).toEqual({ aa: { pid: 7, startTicks: 7 } })
  })
})
