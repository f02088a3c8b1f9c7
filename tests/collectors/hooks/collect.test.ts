import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { hooks } from '../../../src/collectors/hooks/index.ts'
import { parseHookLines } from '../../../src/collectors/hooks/parse.ts'
import type { Row } from '../../../src/core/rows.ts'
import { readRangeHere, statHere } from '../../../src/transport/files.ts'
import { contextWith, runInShell } from '../shell-context.ts'

const NOW = new Date('2026-11-20T12:00:00Z')
const STOP =
  '{"ts":"2026-11-20T11:59:58Z","v":1,"cli":"claude","from":"hook","session_id":"s1","event":"StopFailure","error":"rate_limit"}\n'
const LIMITS =
  '{"ts":"2026-11-20T11:59:59Z","v":1,"cli":"claude","from":"statusline","session_id":"s1","version":"2.1.329","rate_limits":{"five_hour":{"used_percentage":42,"resets_at":1795218613}}}\n'

let home = ''
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'vc-hooks-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))
const day = (): string => join(home, '.local/share/vc/hooks/events/2026-11-20.jsonl')
const installed = (): void => void mkdirSync(join(day(), '..'), { recursive: true })

const look = async (
  before: readonly { key: string; value: unknown }[] = [],
  known: readonly Row[] = [],
  startedAt = NOW,
) => {
  let asks = 0
  const warnings: string[] = []
  const base = contextWith({
    run: (ask) => {
      asks += 1
      return runInShell(ask, { PATH: process.env.PATH ?? '', HOME: home })
    },
    startedAt,
    cursors: new Map(before.map(({ key, value }) => [key, value])),
    warnings,
  })
  const result = await hooks.collect({ ...base, stat: statHere, readRange: readRangeHere, known: async () => known })
  const rows = Object.fromEntries(result.batches.map((batch) => [batch.table, batch.rows]))
  const byKey = new Map([...before, ...(result.cursors ?? [])].map((cursor) => [cursor.key, cursor]))
  return { result, rows, asks, warnings, cursors: [...byKey.values()] }
}

test('where nobody installed the tee, one question in five minutes is all', async () => {
  const first = await look()
  expect([first.result.batches, first.asks]).toEqual([[], 1])
  const second = await look(first.cursors, [], new Date(NOW.getTime() + 10_000))
  expect([second.result.batches, second.asks, second.result.cursors]).toEqual([[], 0, []])
})

test('events become rows, and limits an observation of the account that is logged in', async () => {
  installed()
  writeFileSync(day(), STOP + LIMITS)
  const account = { provider: 'anthropic', account_key: 'acc-1', account_label: 'dev@example.com', observed_at: NOW }
  const { rows } = await look([], [account])
  expect(rows.hook_events).toMatchObject([
    { cli: 'claude', event: 'StopFailure', detail: 'rate_limit', session_id: 's1' },
  ])
  expect(rows.account_usage_snapshots).toMatchObject([
    {
      account_key: 'acc-1',
      window_name: '5h',
      used_pct: 42,
      observed_at: new Date('2026-11-20T11:59:59Z'),
      observed_source: 'claude.status_line',
    },
  ])
})

test('two looks are one look and the rest: half a line waits for its other half', async () => {
  installed()
  writeFileSync(day(), STOP + LIMITS.slice(0, 40))
  const first = await look()
  expect(first.rows).toMatchObject({ hook_events: [{}] })
  appendFileSync(day(), LIMITS.slice(40))
  const second = await look(first.cursors)
  expect(second.rows.hook_events).toBeUndefined()
  expect(second.rows.account_usage_snapshots).toHaveLength(1)
  expect((await look(second.cursors)).result.batches).toEqual([])
})

test('a line of somebody else is named, not stored', async () => {
  installed()
  writeFileSync(day(), `{"hello":1}\nnonsense\n${STOP}`)
  const { rows, warnings } = await look()
  expect(rows.hook_events).toHaveLength(1)
  expect(warnings).toEqual(['hooks_foreign'])
})

test('any text gives rows or a count, never a throw', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const { events, statusLines } = parseHookLines(text + STOP.trim().slice(0, 30))
      expect(events.length + statusLines.length).toBe(0)
    }),
  )
})
