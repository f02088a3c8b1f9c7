import { appendFileSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { CANARY, writeCorpus } from '../../../bench/corpus/index.ts'
import { claude } from '../../../src/collectors/claude/index.ts'
import { codex } from '../../../src/collectors/codex/index.ts'
import { createLedger, truthOf } from './ledger-sums.ts'
import { rowsOf } from './local-machine.ts'
import { createRemoteMachine } from './remote-machine.ts'

const scratch = mkdtempSync(join(tmpdir(), 'vc-remote-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const wire = (answers: readonly { stdout: Uint8Array }[]): string =>
  answers
    .map(({ stdout }) => {
      const bytes = Buffer.from(stdout)
      const body = bytes.subarray(bytes.indexOf(10) + 1)
      return bytes.toString('latin1', 0, 8) === 'VCT gzip'
        ? gunzipSync(body).toString('latin1')
        : bytes.toString('latin1')
    })
    .join('\n')

test.each([
  ['claude', claude],
  ['codex', codex],
] as const)(
  '%s over scripts: the same truth in several ticks, and no message text on the wire',
  async (name, collector) => {
    const home = join(scratch, name)
    const truth = writeCorpus(21, { home, bytes: 4 * 1024 * 1024, rare: true })
    const machine = createRemoteMachine({ HOME: home, CLAUDE_CONFIG_DIR: join(home, 'second') })
    const ledger = createLedger()
    let ticks = 0
    let bytesLeft = 1
    for (; bytesLeft > 0 && ticks < 40; ticks += 1) {
      const result = await machine.collect(collector, { remote_bytes_per_tick: 512 * 1024 })
      expect(result.fault ?? null).toBe(null)
      ledger.add(rowsOf(result, 'agent_usage'))
      bytesLeft = (machine.cursors.get('#list') as { bytesLeft: number }).bytesLeft
    }
    expect(bytesLeft).toBe(0)
    expect(ticks).toBeGreaterThan(2)
    expect(machine.progress.length).toBeGreaterThan(0)
    expect({ total: ledger.total(), bySession: ledger.bySession() }).toEqual(truthOf(truth[name]))
    expect(wire(machine.answers)).not.toContain(CANARY)
  },
)

test('a grown file costs its new bytes only; a torn line waits for its newline', async () => {
  const home = join(scratch, 'grow')
  const folder = join(home, '.claude', 'projects', '-w')
  const path = join(folder, '7ec95f9a-7b03-44cc-9366-87d3e7999509.jsonl')
  mkdirSync(folder, { recursive: true })
  copyFileSync('tests/fixtures/claude/session-interactive-2.1.197.jsonl', path)
  const machine = createRemoteMachine({ HOME: home })
  const first = await machine.collect(claude)
  expect(rowsOf(first, 'agent_usage')).toHaveLength(3)
  const line = `{"isSidechain":false,"message":{"id":"msg_new","role":"assistant","model":"claude-opus-4-8","content":[],"stop_reason":null,"usage":{"input_tokens":7,"output_tokens":9}},"type":"assistant","timestamp":"2026-11-20T22:10:00.000Z","cwd":"/w","sessionId":"7ec95f9a-7b03-44cc-9366-87d3e7999509"}`
  appendFileSync(path, line.slice(0, 150))
  expect(rowsOf(await machine.collect(claude), 'agent_usage')).toEqual([])
  appendFileSync(path, `${line.slice(150)}\n`)
  const third = await machine.collect(claude)
  expect(rowsOf(third, 'agent_usage')).toMatchObject([{ message_key: 'msg_new', input_tokens: 7, output_tokens: 9 }])
  expect(machine.answers.at(-1)?.stdout.length).toBeLessThan(6_000)
})

test('of .claude.json only two keys travel', async () => {
  const home = join(scratch, 'account')
  mkdirSync(join(home, '.claude', 'projects'), { recursive: true })
  const cached = JSON.parse(
    (await import('node:fs')).readFileSync(
      'tests/fixtures/accounts/claude.dot_claude_json.cachedUsageUtilization.json',
      'utf8',
    ),
  )
  const json = {
    projects: { '/w': { history: [{ display: `${CANARY} "cachedUsageUtilization": {"x": 1}, \\` }] } },
    ...cached,
    primaryApiKey: CANARY,
    oauthAccount: { accountUuid: '00000000-0000-4000-8000-00000000000a', emailAddress: 'dev@example.org' },
    tail: [CANARY],
  }
  writeFileSync(join(home, '.claude.json'), JSON.stringify(json, null, 2))
  const machine = createRemoteMachine({ HOME: home })
  const rows = rowsOf(await machine.collect(claude), 'account_usage_snapshots')
  expect(rows.map((row) => [row.window_name, row.used_pct, row.account_key])).toEqual([
    ['5h', 63, '00000000-0000-4000-8000-00000000000a'],
    ['7d', 41, '00000000-0000-4000-8000-00000000000a'],
    ['7d:example-model', 12, '00000000-0000-4000-8000-00000000000a'],
  ])
  expect(wire(machine.answers)).not.toContain(CANARY)
  expect((await machine.collect(claude)).batches).toEqual([])
})

test('a transcript that was copied there with the time it was written at is read with the next look', async () => {
  const home = join(scratch, 'restored')
  const folder = join(home, '.claude', 'projects', '-w')
  mkdirSync(folder, { recursive: true })
  const machine = createRemoteMachine({ HOME: home })
  expect(rowsOf(await machine.collect(claude), 'agent_usage')).toEqual([])
  const path = join(folder, '7ec95f9a-7b03-44cc-9366-87d3e7999509.jsonl')
  copyFileSync('tests/fixtures/claude/session-interactive-2.1.197.jsonl', path)
  const written = new Date(Date.now() - 7_200_000)
  utimesSync(path, written, written)
  expect(rowsOf(await machine.collect(claude), 'agent_usage')).toHaveLength(3)
})
