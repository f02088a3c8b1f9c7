import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { claude } from '../../../src/collectors/claude/index.ts'
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

interface Machine {
  collect(collector: typeof claude, settings?: Record<string, unknown>): ReturnType<typeof claude.collect>
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
})
