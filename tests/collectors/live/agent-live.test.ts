import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { live } from '../../../src/collectors/live/index.ts'
import { parseLive, startTicksOf } from '../../../src/collectors/live/parse.ts'
import type { CollectContext, CollectResult } from '../../../src/core/collector.ts'
import type { Row } from '../../../src/core/rows.ts'
import { readRangeHere, statHere } from '../../../src/transport/files.ts'
import { contextWith, runInShell } from '../shell-context.ts'

const NOW = new Date('2026-11-20T12:00:00Z')
const ownTicks = startTicksOf(readFileSync('/proc/self/stat', 'utf8'))

let home = ''
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'vc-live-'))
  mkdirSync(join(home, '.claude/sessions'), { recursive: true })
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const register = (name: string, status: string, over: Record<string, unknown> = {}): void => {
  const json = {
    pid: process.pid,
    procStart: String(ownTicks),
    sessionId: 's1',
    cwd: '/w',
    version: '2.1.329',
    status,
    startedAt: 1,
    statusUpdatedAt: 1795215700485,
    ...over,
  }
  writeFileSync(join(home, '.claude/sessions', name), JSON.stringify(json, null, 2))
}

interface Run {
  readonly rows: readonly Row[]
  readonly cursors: ReadonlyMap<string, unknown>
  readonly asks: number
  readonly result: CollectResult
  readonly warnings: readonly string[]
}

/** The collector against a real shell and real files of a scratch home. */
const run = async (
  over: {
    readonly local?: boolean
    readonly before?: Run
    readonly at?: Date
    readonly sqlite?: CollectContext['sqlite']
  } = {},
): Promise<Run> => {
  let asks = 0
  const warnings: string[] = []
  const env = { PATH: process.env.PATH ?? '', HOME: home }
  const base = contextWith({
    run: (ask) => {
      asks += 1
      return runInShell(ask, env)
    },
    warnings,
    startedAt: over.at ?? NOW,
    cursors: over.before?.cursors ?? new Map(),
    known: { latest_agent_sightings: over.before?.rows ?? [] },
  })
  const machine = { ...base.machine, local: over.local ?? true }
  const result = await live.collect({
    ...base,
    machine,
    stat: statHere,
    readRange: readRangeHere,
    sqlite: over.sqlite ?? (async () => ({ is: 'missing' })),
  })
  const cursors = new Map(over.before?.cursors ?? [])
  for (const change of result.cursors ?? []) cursors.set(change.key, change.value)
  return { rows: result.batches[0]?.rows ?? [], cursors, asks, result, warnings }
}

describe('the registry of Claude', () => {
  test.each([true, false])('says what a living session does (local: %s)', async (local) => {
    register(`${process.pid}.json`, 'waiting', { waitingFor: 'permission prompt' })
    const { rows } = await run({ local })
    expect(rows).toEqual([
      expect.objectContaining({
        cli: 'claude',
        tier: 'live',
        says: 'needs_approval',
        subject: `pid:${process.pid}:${ownTicks}`,
        session_id: 's1',
        cli_version: '2.1.329',
        gone: false,
      }),
    ])
  })

  test('a file whose pid has another start time is stale, a key file is never opened', async () => {
    register(`${process.pid}.json`, 'idle', { procStart: '1' })
    register(`${process.pid}.${'a'.repeat(64)}.key`, 'busy')
    register('note.json', 'busy')
    expect((await run()).rows).toEqual([])
  })

  test('between listings nothing is started: stats only, and a change is seen at once', async () => {
    register(`${process.pid}.json`, 'busy')
    const one = await run()
    expect(one.asks).toBe(1)
    const two = await run({ before: one })
    expect([two.asks, two.rows[0]?.says, two.result.cursors]).toEqual([0, 'working', []])
    writeFileSync(
      join(home, '.claude/sessions', `${process.pid}.json`),
      readFileSync(join(home, '.claude/sessions', `${process.pid}.json`), 'utf8').replace('busy', 'shell'),
    )
    const three = await run({ before: two })
    expect([three.asks, three.rows[0]?.reason]).toEqual([0, 'background: shell'])
  })

  test('a new session shows in the same run, a file that left gives no row', async () => {
    const one = await run()
    register(`${process.pid}.json`, 'busy')
    const two = await run({ before: one })
    expect(two.rows).toHaveLength(1)
    rmSync(join(home, '.claude/sessions', `${process.pid}.json`))
    expect((await run({ before: two })).rows).toEqual([])
  })

  test('the first session ever of a home shows in the same run', async () => {
    rmSync(join(home, '.claude'), { recursive: true })
    const one = await run()
    const two = await run({ before: one })
    expect([one.asks, two.asks, two.rows]).toEqual([1, 0, []])
    mkdirSync(join(home, '.claude/sessions'), { recursive: true })
    register(`${process.pid}.json`, 'busy')
    const three = await run({ before: two })
    expect(three.rows[0]?.says).toBe('working')
  })

  test('a broken file is a warning, the others stay', async () => {
    register(`${process.pid}.json`, 'busy')
    writeFileSync(join(home, '.claude/sessions', '1.json'), '{"pid": 1, ')
    const { rows, warnings } = await run()
    expect(rows).toHaveLength(1)
    expect(warnings.join()).toContain('claude_registry')
  })
})

describe('OpenCode and Codex', () => {
  const log = (text: string): void => {
    mkdirSync(join(home, '.local/share/opencode/log'), { recursive: true })
    writeFileSync(join(home, '.local/share/opencode/log/opencode.log'), text)
  }
  const line = (second: number, run: string, rest: string): string =>
    `timestamp=2026-11-20T11:59:${String(second).padStart(2, '0')}.000Z level=INFO run=${run} ${rest}\n`

  test.each([true, false])("an asked permission of one run is not another run's (local: %s)", async (local) => {
    log(
      line(1, 'aa', 'message=loop session.id=ses_a step=0') +
        line(2, 'bb', 'message=loop session.id=ses_b step=0') +
        line(3, 'aa', 'message=asking id=per_1 permission=bash patterns="[\\"rm x\\"]"'),
    )
    const { rows } = await run({ local })
    expect(Object.fromEntries(rows.map((row) => [row.session_id, row.says]))).toEqual({
      ses_a: 'needs_approval',
      ses_b: 'working',
    })
    expect(JSON.stringify(rows)).not.toContain('rm x')
  })

  test('a run that waits keeps waiting when its lines have left the tail', async () => {
    log(line(1, 'aa', 'message=loop session.id=ses_a') + line(3, 'aa', 'message=asking id=per_1'))
    const one = await run()
    log(line(9, 'bb', 'message=loop session.id=ses_b'))
    const two = await run({ before: one, at: new Date(NOW.getTime() + 5_000) })
    expect(two.rows.map((row) => [row.session_id, row.says]).sort()).toEqual([
      ['ses_a', 'needs_approval'],
      ['ses_b', 'working'],
    ])
  })

  test('threads come from the history database, unread again while it does not change', async () => {
    mkdirSync(join(home, '.codex'))
    writeFileSync(join(home, '.codex/thread_history_1.sqlite'), 'x')
    let reads = 0
    const sqlite: CollectContext['sqlite'] = async () => {
      reads += 1
      return {
        is: 'rows',
        rows: [
          {
            thread_id: 't1',
            turn_id: 'u1',
            status: 'failed',
            started_at: 1,
            completed_at: 2,
            rollout_ordinal: 1,
            error_json: '{"codexErrorInfo":"usageLimitExceeded","message":"secret words"}',
          },
        ],
      }
    }
    const one = await run({ sqlite })
    expect(one.rows).toEqual([
      expect.objectContaining({ cli: 'codex', subject: 'session:t1', says: 'rate_limited', reason: 'usage limit' }),
    ])
    const two = await run({ sqlite, before: one })
    expect([reads, two.rows[0]?.says]).toEqual([1, 'rate_limited'])
  })

  test('where a new thread runs is asked once of the index, and a sub-agent is nobody’s', async () => {
    mkdirSync(join(home, '.codex'))
    const [history, index] = [join(home, '.codex/thread_history_1.sqlite'), join(home, '.codex/state_5.sqlite')]
    writeFileSync(history, 'x')
    writeFileSync(index, 'x')
    const [own, child] = ['01a20241-0c63-74c1-b45f-5d096c84952a', '01a20242-5459-7b92-a967-a8415f264c48']
    const asked: string[] = []
    const sqlite: CollectContext['sqlite'] = async (path, sql) => {
      if (path === history)
        return {
          is: 'rows',
          rows: [own, child, "'; --"].map((thread_id) => ({
            thread_id,
            status: 'inProgress',
            started_at: 1_795_000_000,
          })),
        }
      asked.push(sql)
      const rows = [
        { id: own, cwd: '/srv/code/a', source: 'vscode' },
        { id: child, cwd: '/srv/code/a', source: '{"subagent":{}}' },
      ]
      return { is: 'rows', rows }
    }
    const one = await run({ sqlite })
    const places = ({ rows }: Run) => rows.map((row) => [row.session_id, row.cwd])
    expect(places(one)).toEqual([[own, '/srv/code/a'], [child, null], ["'; --", null]]) // biome-ignore format: one line
    expect(asked).toEqual([`SELECT id, cwd, source FROM threads WHERE id IN ('${own}', '${child}')`])
    writeFileSync(history, 'xx')
    const two = await run({ sqlite, before: one })
    expect([places(two), asked.length]).toEqual([places(one), 1])
  })
})

describe('the first start of a CLI after vc', () => {
  test('the log of OpenCode and the database of Codex are found when they appear', async () => {
    const one = await run()
    mkdirSync(join(home, '.local/share/opencode/log'), { recursive: true })
    writeFileSync(
      join(home, '.local/share/opencode/log/opencode.log'),
      'timestamp=2026-11-20T11:59:01.000Z level=INFO run=aa message=loop session.id=ses_a step=0\n',
    )
    const two = await run({ before: one })
    expect(two.rows.map((row) => row.session_id)).toEqual(['ses_a'])
    mkdirSync(join(home, '.codex'))
    const three = await run({ before: two })
    writeFileSync(join(home, '.codex/thread_history_1.sqlite'), 'x')
    const asked: string[] = []
    await run({
      before: three,
      sqlite: async (path) => {
        asked.push(path)
        return { is: 'rows', rows: [] }
      },
    })
    expect(asked).toEqual([join(home, '.codex/thread_history_1.sqlite')])
  })
})

describe('an ask that failed', () => {
  test('brings its fault and no rows', async () => {
    const base = contextWith({
      run: async () => ({ ...(await runInShell({ script: 'exit 0' })), fault: 'timeout' as const, detail: 'late' }),
    })
    expect(await live.collect(base)).toMatchObject({ batches: [], fault: 'timeout', detail: 'late' })
  })
  test.each(['', 'J {}\nS 1 (x) S\n', 'F 9 9\nJ {}\n', 'H /x\nF 1 x\n', '\u0000\nL \n'])(
    'odd output %j gives no registry entry',
    (output) => {
      expect(parseLive(output).registry).toEqual([])
    },
  )
  test('the start time stands behind a command name with brackets', () => {
    expect(startTicksOf('7 (a ) (b) S 1 7 7 0 -1 4194304 1 0 0 0 1 2 0 0 20 0 1 0 4711 1 1')).toBe(4711)
    expect(startTicksOf('')).toBeNull()
  })
})
