import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { claude } from '../../../src/collectors/claude/index.ts'
import { codex } from '../../../src/collectors/codex/index.ts'
import { createLedger } from './ledger-sums.ts'
import { createLocalMachine, rowsOf } from './local-machine.ts'

let home: string
let machine: ReturnType<typeof createLocalMachine>
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'vc-files-'))
  mkdirSync(join(home, '.claude', 'projects', '-w'), { recursive: true })
  machine = createLocalMachine(home)
})
afterEach(async () => {
  await machine.close()
  rmSync(home, { recursive: true, force: true })
})

const line = (id: string, output: number, session = 's1'): string =>
  `{"isSidechain":false,"message":{"id":"${id}","role":"assistant","model":"claude-sonnet-4-5-20250929","content":[{"type":"text","text":"x"}],"stop_reason":"end_turn","usage":{"input_tokens":10,"output_tokens":${output}}},"type":"assistant","timestamp":"2026-11-20T22:10:00.000Z","cwd":"/w","sessionId":"${session}"}\n`
const file = (name: string): string => join(home, '.claude', 'projects', '-w', name)

test('each tick reads the new bytes only and prices each message', async () => {
  writeFileSync(file('s1.jsonl'), line('m1', 5))
  const [first] = rowsOf(await machine.collect(claude), 'agent_usage')
  expect(first).toMatchObject({ message_key: 'm1', session_id: 's1', project: 'w', output_tokens: 5 })
  expect(first?.cost_microusd).toBeGreaterThan(0)
  appendFileSync(file('s1.jsonl'), line('m2', 6))
  const second = await machine.collect(claude)
  expect(rowsOf(second, 'agent_usage').map((row) => row.message_key)).toEqual(['m2'])
  expect(rowsOf(second, 'prices').length).toBe(1)
})

test('of a session that grows by a line just that line is read, and its state follows', async () => {
  const at = (n: number): string => new Date(Date.UTC(2026, 10, 20, 23, n)).toISOString()
  const prompt = (n: number): string =>
    `{"isSidechain":false,"message":{"role":"user","content":"${'x'.repeat(9_000)}"},"type":"user","timestamp":"${at(n)}","cwd":"/w","sessionId":"s1"}\n`
  writeFileSync(file('s1.jsonl'), Array.from({ length: 40 }, (_, n) => prompt(n)).join(''))
  utimesSync(file('s1.jsonl'), 1_795_220_000, 1_795_220_000)
  expect(rowsOf(await machine.collect(claude), 'agent_sightings')).toMatchObject([{ says: 'working' }])
  for (const n of [50, 51]) {
    const answer = line(`m${n}`, 5).replace(/"timestamp":"[^"]*"/, `"timestamp":"${at(n)}"`)
    appendFileSync(file('s1.jsonl'), answer)
    const grown = await machine.collect(claude)
    expect(rowsOf(grown, 'agent_sightings')).toMatchObject([{ says: 'turn_finished', as_of: new Date(at(n)) }])
    expect(grown.bytesRead).toBe(answer.length)
  }
})

test('a rewritten, a truncated and a replaced file are read again from their start', async () => {
  writeFileSync(file('s1.jsonl'), line('m1', 5) + line('m2', 5))
  await machine.collect(claude)
  writeFileSync(file('s1.jsonl'), line('n1', 7))
  expect(rowsOf(await machine.collect(claude), 'agent_usage').map((row) => row.message_key)).toEqual(['n1'])
  // Same inode, longer than before, another beginning.
  writeFileSync(file('s1.jsonl'), line('o1', 7) + line('o2', 7) + line('o3', 7))
  expect(rowsOf(await machine.collect(claude), 'agent_usage')).toHaveLength(3)
  writeFileSync(file('new'), line('p1', 1))
  renameSync(file('new'), file('s1.jsonl'))
  expect(rowsOf(await machine.collect(claude), 'agent_usage').map((row) => row.message_key)).toEqual(['p1'])
})

test('a file rewritten in place that begins as before and is longer since is read again from its start', async () => {
  const first = [1, 2, 3].map((n) => line(`m${n}`, 5)).join('')
  writeFileSync(file('s1.jsonl'), first)
  await machine.collect(claude)
  // One message taken out, others put in, at the same inode.
  writeFileSync(file('s1.jsonl'), line('m1', 5) + [4, 5, 6, 7].map((n) => line(`n${n}`, 55)).join(''))
  const rows = rowsOf(await machine.collect(claude), 'agent_usage')
  expect(rows.map((row) => row.message_key)).toEqual(['m1', 'n4', 'n5', 'n6', 'n7'])
  appendFileSync(file('s1.jsonl'), line('n8', 6))
  expect(rowsOf(await machine.collect(claude), 'agent_usage').map((row) => row.message_key)).toEqual(['n8'])
})

test('a moved file keeps its place, a vanished one keeps its session and its totals', async () => {
  writeFileSync(file('s1.jsonl'), line('m1', 5))
  await machine.collect(claude)
  renameSync(file('s1.jsonl'), file('moved.jsonl'))
  const moved = await machine.collect(claude)
  expect(rowsOf(moved, 'agent_usage')).toEqual([])
  expect([...machine.cursors.keys()].filter((key) => key.startsWith('/'))).toEqual([file('moved.jsonl')])
  rmSync(file('moved.jsonl'))
  const gone = await machine.collect(claude)
  expect(rowsOf(gone, 'agent_sessions')).toMatchObject([{ session_id: 's1', source_gone: true }])
  expect(rowsOf(gone, 'agent_usage')).toEqual([])
})

test('another session that gets the inode of a deleted file is not that file moved', async () => {
  writeFileSync(file('s1.jsonl'), line('m1', 5))
  await machine.collect(claude)
  // What a new file does on many systems, certain to keep the inode.
  renameSync(file('s1.jsonl'), file('s2.jsonl'))
  writeFileSync(file('s2.jsonl'), line('m2', 5, 's2'))
  const rows = rowsOf(await machine.collect(claude), 'agent_sessions')
  expect(rows.map((row) => [row.session_id, row.source_gone])).toEqual([
    ['s1', true],
    ['s2', false],
  ])
  expect([...machine.cursors.keys()].filter((key) => key.startsWith('/'))).toEqual([file('s2.jsonl')])
})

test('a torn line waits, a line of more than one read is whole', async () => {
  const text = line('m1', 5)
  writeFileSync(file('s1.jsonl'), text.slice(0, 100))
  expect(rowsOf(await machine.collect(claude), 'agent_usage')).toEqual([])
  appendFileSync(
    file('s1.jsonl'),
    `${text.slice(100)}{"type":"user","message":"${'y'.repeat(3_000_000)}"}\n${line('m2', 6)}`,
  )
  expect(rowsOf(await machine.collect(claude), 'agent_usage')).toHaveLength(2)
})

test('a backfill larger than its budget comes in parts, newest file first, with progress', async () => {
  for (let n = 0; n < 6; n += 1) writeFileSync(file(`s${n}.jsonl`), line(`m${n}`, n + 1, `s${n}`).repeat(400))
  const ledger = createLedger()
  let ticks = 0
  for (; ticks < 10; ticks += 1) {
    const result = await machine.collect(claude, { backfill_bytes: 200_000 })
    if (result.batches.length === 0) break
    ledger.add(rowsOf(result, 'agent_usage'))
  }
  expect(ticks).toBeGreaterThan(2)
  expect(ledger.rows()).toHaveLength(6)
})

test('the account of .claude.json marks messages since vc knows of it, and gives its windows', async () => {
  const cached = JSON.parse(
    readFileSync('tests/fixtures/accounts/claude.dot_claude_json.cachedUsageUtilization.json', 'utf8'),
  )
  const secret = 'sk-canary'
  writeFileSync(
    join(home, '.claude.json'),
    JSON.stringify({ primaryApiKey: secret, ...cached, oauthAccount: { accountUuid: 'acc-1', accessToken: secret } }),
  )
  writeFileSync(file('s1.jsonl'), line('old', 5))
  const result = await machine.collect(claude)
  expect(rowsOf(result, 'account_usage_snapshots').map((row) => row.window_name)).toEqual([
    '5h',
    '7d',
    '7d:example-model',
  ])
  expect(rowsOf(result, 'agent_usage')).toMatchObject([{ message_key: 'old', account_key: null }])
  appendFileSync(file('s1.jsonl'), line('new', 5).replace('2026-11-20T22:10', '2026-11-21T22:10'))
  expect(rowsOf(await machine.collect(claude), 'agent_usage')).toMatchObject([{ account_key: 'acc-1' }])
  expect(JSON.stringify([...machine.cursors])).not.toContain(secret)
})

test('links, folders and foreign files are named, not read', async () => {
  mkdirSync(file('folder.jsonl'))
  symlinkSync(file('foreign.jsonl'), file('link.jsonl'))
  writeFileSync(file('foreign.jsonl'), '{"hello":"world"}\n[1,2,3]\n')
  const result = await machine.collect(claude)
  expect(rowsOf(result, 'agent_usage')).toEqual([])
  expect(rowsOf(result, 'agent_sessions')).toEqual([])
  expect(machine.warnings.map(({ code }) => code)).toEqual(['link'])
})

test('no home at all is an empty answer, not a fault', async () => {
  expect(await machine.collect(codex)).toMatchObject({ batches: [], cursors: [] })
})
