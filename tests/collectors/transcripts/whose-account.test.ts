import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { claude } from '../../../src/collectors/claude/index.ts'
import { claudeSource } from '../../../src/collectors/claude/source.ts'
import { codex } from '../../../src/collectors/codex/index.ts'
import { listFiles } from '../../../src/collectors/transcripts/homes.ts'
import { parseRemoteList } from '../../../src/collectors/transcripts/remote-list.ts'
import type { Collector, CollectResult } from '../../../src/core/collector.ts'
import type { JobIo } from '../../../src/core/job.ts'
import type { Warning } from '../../../src/core/rows.ts'
import { createLocalMachine, rowsOf } from './local-machine.ts'
import { createRemoteMachine } from './remote-machine.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'vc-whose-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const line = (id: string): string =>
  `{"isSidechain":false,"message":{"id":"${id}","role":"assistant","model":"claude-opus-4-8","content":[],"stop_reason":null,"usage":{"input_tokens":7,"output_tokens":9}},"type":"assistant","timestamp":"${new Date(Date.now() + 60_000).toISOString()}","cwd":"/w","sessionId":"s-${id}"}\n`
const session = (dir: string): string => join(home, dir, 'projects', '-w', 's.jsonl')
const start = (dir: string): void => {
  mkdirSync(join(home, dir, 'projects', '-w'), { recursive: true })
  writeFileSync(session(dir), line(`old${dir}`))
}
const login = (at: string, accountUuid: string): void =>
  writeFileSync(join(home, at), JSON.stringify({ oauthAccount: { accountUuid, emailAddress: 'ann@example.net' } }))

const rollout = (dir: string, id: string, usedPct: number): void => {
  const ms = Date.now() - 5_000
  const at = (plus: number): string => new Date(ms + plus).toISOString()
  const window = { used_percent: usedPct, window_minutes: 300, resets_at: Math.floor(ms / 1000) + 9_000 }
  const usage = {
    input_tokens: 20,
    cached_input_tokens: 0,
    output_tokens: 5,
    reasoning_output_tokens: 0,
    total_tokens: 25,
  }
  const lines = [
    { type: 'session_meta', payload: { id, session_id: id, cwd: '/w', cli_version: '0.169.0', model_provider: 'openai' } },
    { type: 'turn_context', payload: { turn_id: `t${id}`, model: 'gpt-5', cwd: '/w' } },
    { type: 'event_msg', payload: { type: 'task_started', turn_id: `t${id}`, started_at: Math.floor(ms / 1000) } },
    { type: 'token_usage_record', payload: { thread_id: id, turn_id: `t${id}`, response_id: `resp_${id}`, usage } },
    { type: 'event_msg', payload: { type: 'token_count', info: null, rate_limits: { limit_id: 'codex', primary: window, secondary: null } } },
  ] // biome-ignore format: records
  const folder = join(home, dir, 'sessions', '2026', '11', '21')
  mkdirSync(folder, { recursive: true })
  const text = lines
    .map((one, ordinal) => `${JSON.stringify({ timestamp: at(ordinal * 100), ordinal, ...one })}\n`)
    .join('')
  writeFileSync(join(folder, `rollout-2026-11-21T00-00-00-${id}.jsonl`), text)
}

interface Machine {
  collect(collector: Collector, settings?: Record<string, unknown>): Promise<CollectResult>
  readonly warnings: readonly Warning[]
}

const ways: readonly [string, () => { readonly machine: Machine; end(): Promise<void> }][] = [
  [
    'here',
    () => {
      const machine = createLocalMachine(home)
      return { machine, end: () => machine.close() }
    },
  ],
  ['over ssh', () => ({ machine: createRemoteMachine({ HOME: home }), async end() {} })],
]

describe.each(ways)('%s', (_name, open) => {
  const accountsOf = async (dirs: readonly string[]): Promise<Record<string, unknown>> => {
    const { machine, end } = open()
    const settings = { homes: dirs.map((dir) => join(home, dir)) }
    try {
      await machine.collect(claude, settings)
      for (const dir of dirs) appendFileSync(session(dir), line(dir))
      const rows = rowsOf(await machine.collect(claude, settings), 'agent_usage')
      return Object.fromEntries(rows.map((row) => [row.message_key, row.account_key]))
    } finally {
      await end()
    }
  }

  test('a second config home without a login is not given the account of the first', async () => {
    start('.claude')
    start('.claude-b')
    start('.claude-c')
    login('.claude.json', 'acc-a')
    login('.claude-b/.claude.json', 'acc-b')
    expect(await accountsOf(['.claude', '.claude-b', '.claude-c'])).toEqual({
      '.claude': 'acc-a',
      '.claude-b': 'acc-b',
      '.claude-c': null,
    })
  })

  test('a config home that is a link elsewhere keeps the account beside the link', async () => {
    start('.claude')
    mkdirSync(join(home, 'srv'))
    renameSync(join(home, '.claude'), join(home, 'srv', 'kept'))
    symlinkSync(join(home, 'srv', 'kept'), join(home, '.claude'))
    login('.claude.json', 'acc-a')
    expect(await accountsOf(['.claude'])).toEqual({ '.claude': 'acc-a' })
  })

  test('a home of vc.toml that is not there, is a file or a ring of links is named at every look', async () => {
    start('.claude')
    writeFileSync(join(home, 'file'), '')
    symlinkSync(join(home, 'ring'), join(home, 'ring'))
    const homes = ['gone', 'file', 'ring', '.claude'].map((name) => join(home, name))
    const { machine, end } = open()
    try {
      for (const look of [1, 2]) {
        await machine.collect(claude, { homes })
        const named = machine.warnings.filter(({ code }) => code === 'home_missing').map(({ message }) => message)
        expect(named).toHaveLength(3 * look)
        expect(named.slice(-3).map((text) => text.split(' ')[0])).toEqual(homes.slice(0, 3))
      }
    } finally {
      await end()
    }
  })

  test('a number of a clock that was ahead is of the look that read it, and none below nothing is believed', async () => {
    start('.claude')
    const cached = (fetchedAtMs: number, utilization: number) => ({
      fetchedAtMs,
      accountUuid: 'acc-a',
      utilization: { five_hour: { utilization, resets_at: null } },
    })
    const { machine, end } = open()
    try {
      const seen: unknown[] = []
      for (const [fetchedAt, pct] of [
        [Date.now() + 5 * 3_600_000, -3],
        [Date.UTC(2026, 10, 20, 23, 59), 81],
      ] as const) {
        writeFileSync(
          join(home, '.claude.json'),
          JSON.stringify({ longer: 'x'.repeat(pct + 3), cachedUsageUtilization: cached(fetchedAt, pct) }),
        )
        const rows = rowsOf(await machine.collect(claude), 'account_usage_snapshots')
        for (const row of rows)
          seen.push([row.used_pct, row.status, (row.observed_at as Date).getTime() <= Date.now() + 60_000])
      }
      expect(seen).toEqual([
        [-3, 'suspect', true],
        [81, null, true],
      ])
    } finally {
      await end()
    }
  })

  test('limits of two homes that name no account are not of one account', async () => {
    rollout('.codex', '01a1faf1-e5f8-7dd1-92ca-9193ce5affa1', 40)
    rollout('work', '01a1faf1-e5f8-7dd1-92ca-9193ce5affa2', 90)
    const { machine, end } = open()
    try {
      const result = await machine.collect(codex, { homes: [join(home, 'work')] })
      const seen = rowsOf(result, 'account_usage_snapshots')
        .map((row) => [row.used_pct, String(row.account_key).replace(/^unknown@[^:]*/, 'unknown@machine')])
        .filter(([, key]) => key === 'unknown@machine' || String(key).endsWith('/work'))
      expect(seen.sort()).toEqual([
        [40, 'unknown@machine'],
        [90, `unknown@machine:${join(home, 'work')}`],
      ])
    } finally {
      await end()
    }
  })
})

test('whoever asks for the homes of others without being root is told', () => {
  const nobody = { home: '/nowhere', uid: 1000, env: () => undefined, realpath: () => null } as unknown as JobIo
  expect(listFiles(nobody, claudeSource, { homes: [], otherUsers: true }).refused).toEqual({ needs_root: 1 })
  expect(listFiles(nobody, claudeSource, { homes: [], otherUsers: false }).refused).toEqual({})
  expect(parseRemoteList(Buffer.from('R needs_root\nE 1\n'))).toMatchObject({ refused: { needs_root: 1 }, whole: true })
})
