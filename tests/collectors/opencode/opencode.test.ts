import { mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { writeOpencodeCorpus } from '../../../bench/corpus/opencode.ts'
import type { SessionTruth } from '../../../bench/corpus/session-truth.ts'
import { opencode } from '../../../src/collectors/opencode/index.ts'
import { have, type Sqlite, withNode, withPython, withSqlite3 } from './machine.ts'
import { opencodeHome } from './opencode-home.ts'

const here = opencodeHome()

const withTokens = (sessions: Record<string, SessionTruth>) =>
  Object.fromEntries(Object.entries(sessions).filter(([, truth]) => truth.messages > 0))

const withNodeRows = (path: string, sql: string): unknown => {
  const answer = withNode(path, sql)
  return answer.is === 'rows' ? answer.rows[0]?.n : answer
}

const READERS: readonly (readonly [string, Sqlite])[] = [
  ['node', withNode],
  ['sqlite3', withSqlite3],
  ['python3', withPython],
]

describe.each(READERS)('through %s', (program, sqlite) => {
  test.runIf(program === 'node' || have(program))(
    'every session equals the truth, log-only rows included',
    async () => {
      const truth = writeOpencodeCorpus(here.dataDir, { seed: 7, sessions: 12, messagesPerSession: 30 })
      const withoutLog = new DatabaseSync(new URL(`file:${truth.dbPath}?immutable=1`), { readOnly: true })
      const rows = 'SELECT count(*) AS n FROM message'
      expect(Number(withoutLog.prepare(rows).get()?.n), 'rows outside the log').toBeLessThan(
        Number(withNodeRows(truth.dbPath, rows)),
      )
      withoutLog.close()
      const machine = here.machine(sqlite)
      const result = await machine.collect(opencode)
      expect(result.fault).toBeNull()
      expect(machine.totals()).toEqual(withTokens(truth.sessions))
      for (const word of truth.canaries) expect(machine.everything()).not.toContain(word)
      expect(machine.warnings.filter((line) => line.startsWith('unreadable_rows'))).toEqual([
        expect.stringContaining('3 message rows'),
      ])
    },
  )
})

test('only session, message and part are ever asked for', async () => {
  writeOpencodeCorpus(here.dataDir, { seed: 3, sessions: 3, messagesPerSession: 5 })
  const machine = here.machine()
  await machine.collect(opencode)
  const tables = machine.queries.flatMap((sql) => [...sql.matchAll(/\b(?:FROM|JOIN)\s+([a-z_]+)/gi)].map((m) => m[1]))
  expect(new Set(tables)).toEqual(new Set(['session', 'message', 'part']))
  expect(machine.queries.join()).not.toMatch(/credential|account|immutable/)
})

describe('looking again', () => {
  test('an unchanged database costs one stat, no query and no second question for the home', async () => {
    writeOpencodeCorpus(here.dataDir, { seed: 5, sessions: 4, messagesPerSession: 8 })
    const machine = here.machine()
    await machine.collect(opencode)
    // One more look after a change: two changes may share a time stamp.
    await machine.collect(opencode)
    machine.queries = []
    const before = machine.everything()
    const result = await machine.collect(opencode)
    expect(machine.queries).toEqual([])
    expect(machine.asked).toBe(1)
    expect(result.batches).toEqual([])
    expect(machine.everything()).toBe(before)
  })

  test('reading everything twice changes nothing', async () => {
    const truth = writeOpencodeCorpus(here.dataDir, { seed: 6, sessions: 5, messagesPerSession: 10 })
    const machine = here.machine()
    await machine.collect(opencode)
    machine.cursors.clear()
    await machine.collect(opencode)
    expect(machine.totals()).toEqual(withTokens(truth.sessions))
  })

  test('an open answer counts once it has ended, with its final numbers', async () => {
    const truth = writeOpencodeCorpus(here.dataDir, { seed: 8, sessions: 2, messagesPerSession: 20 })
    const machine = here.machine()
    await machine.collect(opencode)
    const before = machine.usage.size
    const id = truth.open[0] ?? ''
    expect(id).not.toBe('')
    // Its time of change lies before everything that was read: the open list must bring it back.
    here.change(
      `UPDATE message SET time_updated = time_created, data = json_set(data, '$.finish', 'stop', '$.time.completed', time_created + 5,
         '$.tokens', json('{"input":11,"output":7,"reasoning":2,"cache":{"read":3,"write":1}}')) WHERE id = ?`,
      id,
    )
    await machine.collect(opencode)
    expect(machine.usage.size).toBe(before + 1)
    const row = [...machine.usage.values()].find((one) => one.message_key === id)
    expect(row).toMatchObject({ input_tokens: 11, output_tokens: 9, reasoning_tokens: 2, cache_read_tokens: 3 })
    expect(row).toMatchObject({ cache_write_5m_tokens: 1, total_tokens: 24 })
  })

  test('a backlog larger than one run continues where it stood', async () => {
    const truth = writeOpencodeCorpus(here.dataDir, { seed: 9, sessions: 1, messagesPerSession: 1 })
    const session = Object.keys(truth.sessions)[0] ?? ''
    const data = `'{"role":"assistant","finish":"stop","providerID":"mock","modelID":"m","tokens":{"input":2,"output":1}}'`
    // Many rows share a time of change, also across the border of a page.
    here.change(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 21000)
       INSERT INTO message SELECT 'msg_' || i, ?, ${Date.UTC(2026, 9, 2)}, ${Date.UTC(2026, 9, 2)} + i / 700, ${data} FROM n`,
      session,
    )
    const machine = here.machine()
    await machine.collect(opencode)
    expect(machine.usage.size).toBeLessThan(21_000)
    await machine.collect(opencode)
    const added = [...machine.usage.values()].filter((row) => row.model === 'm')
    expect(added.length).toBe(21_000)
  })

  test('a clock that ran ahead does not hide what is written after it was put right', async () => {
    const truth = writeOpencodeCorpus(here.dataDir, { seed: 10, sessions: 2, messagesPerSession: 6 })
    const session = Object.keys(truth.sessions)[0] ?? ''
    const insert = (id: string, atMs: number): void =>
      here.change(
        'INSERT INTO message (id, session_id, time_created, time_updated, data) VALUES (?, ?, ?, ?, ?)',
        id,
        session,
        atMs,
        atMs,
        JSON.stringify({ role: 'assistant', finish: 'stop', providerID: 'mock', modelID: 'm', tokens: { input: 1 } }),
      )
    const machine = here.machine()
    insert('msg_from_2031', Date.UTC(2031, 0, 1))
    await machine.collect(opencode)
    insert('msg_today', machine.startedAt.getTime())
    await machine.collect(opencode)
    const keys = [...machine.usage.values()].map((row) => row.message_key)
    expect(keys).toContain('msg_from_2031')
    expect(keys).toContain('msg_today')
  })

  test('a vanished database never lowers a total; its sessions say that the source is gone', async () => {
    const truth = writeOpencodeCorpus(here.dataDir, { seed: 11, sessions: 3, messagesPerSession: 6 })
    const machine = here.machine()
    await machine.collect(opencode)
    renameSync(here.dataDir, `${here.dataDir}-away`)
    const result = await machine.collect(opencode)
    expect(result.fault).toBeNull()
    expect(machine.totals()).toEqual(withTokens(truth.sessions))
    expect([...machine.sessions.values()].every((row) => row.source_gone === true)).toBe(true)
    renameSync(`${here.dataDir}-away`, here.dataDir)
    await machine.collect(opencode)
    expect([...machine.sessions.values()].every((row) => row.source_gone === false)).toBe(true)
  })
})

describe('sessions', () => {
  test('a child session knows its parent and keeps its own usage', async () => {
    const truth = writeOpencodeCorpus(here.dataDir, { seed: 12, sessions: 10, messagesPerSession: 5 })
    const machine = here.machine()
    await machine.collect(opencode)
    expect(machine.sessions.size).toBe(Object.keys(truth.sessions).length)
    const child = [...machine.sessions.values()].find((row) => row.parent_session_id !== null)
    expect(child).toMatchObject({ is_subagent: true, cwd: '/home/dev/code/demo', cli_version: '1.18.33' })
    const usage = [...machine.usage.values()].find((row) => row.parent_session_id !== null)
    expect(usage).toMatchObject({ is_sidechain: true, session_id: expect.not.stringMatching('^$'), project: 'demo' })
    expect(machine.sessions.get(usage?.session_id)?.parent_session_id).toBe(usage?.parent_session_id)
  })

  test('of an error only its name and status are kept', async () => {
    writeOpencodeCorpus(here.dataDir, { seed: 13, sessions: 10, messagesPerSession: 20 })
    const machine = here.machine()
    await machine.collect(opencode)
    const errors = new Set([...machine.sessions.values()].map((row) => row.last_error))
    expect(
      [...errors].every((error) => ['APIError 401', 'MessageAbortedError', null].includes(error as string | null)),
    ).toBe(true)
    expect(errors.has('APIError 401')).toBe(true)
  })

  test('what only older rows knew of a session stays when a later look is silent about it', async () => {
    writeOpencodeCorpus(here.dataDir, { seed: 14, sessions: 1, messagesPerSession: 30 })
    const machine = here.machine()
    await machine.collect(opencode)
    const before = [...machine.sessions.values()][0]
    expect(before?.last_error).not.toBeNull()
    here.change('UPDATE session SET time_updated = ?', machine.startedAt.getTime())
    await machine.collect(opencode)
    expect([...machine.sessions.values()][0]).toMatchObject({
      last_error: before?.last_error,
      context_tokens: before?.context_tokens,
      model: before?.model,
    })
  })
})

describe('prices', () => {
  test("known models are priced by message, the user's own price is used where no list knows the model", async () => {
    writeOpencodeCorpus(here.dataDir, { seed: 16, sessions: 3, messagesPerSession: 30 })
    const machine = here.machine()
    await machine.collect(opencode)
    const sources = new Map([...machine.usage.values()].map((row) => [row.provider, row.price_source]))
    expect(sources.get('anthropic')).toMatch(/^genai-prices@/)
    expect(sources.get('mock')).toBe('opencode')
  })

  test('a stored cost of 0 is no price: the tokens show as unpriced', async () => {
    writeOpencodeCorpus(here.dataDir, { seed: 16, sessions: 3, messagesPerSession: 30 })
    here.change(`UPDATE message SET data = json_set(data, '$.cost', 0) WHERE json_valid(data)`)
    const machine = here.machine()
    await machine.collect(opencode)
    const mock = [...machine.usage.values()].filter((row) => row.provider === 'mock')
    expect(mock.length).toBeGreaterThan(0)
    expect(mock.every((row) => row.cost_microusd === null)).toBe(true)
    expect(machine.warnings.join()).toContain('mock/mock-1')
  })
})

describe('what cannot be read says so', () => {
  test('no OpenCode here is absence, not a fault', async () => {
    const result = await here.machine().collect(opencode)
    expect(result).toMatchObject({ fault: null, detail: expect.stringContaining('no /') })
  })

  test('sessions of the time before SQLite are named', async () => {
    mkdirSync(join(here.dataDir, 'storage/message'), { recursive: true })
    const machine = here.machine()
    await machine.collect(opencode)
    expect(machine.warnings.join()).toContain('opencode_too_old')
  })

  test('another schema is an incompatible version', async () => {
    mkdirSync(here.dataDir, { recursive: true })
    const db = new DatabaseSync(join(here.dataDir, 'opencode.db'))
    db.exec('CREATE TABLE something (x)')
    db.close()
    expect(await here.machine().collect(opencode)).toMatchObject({ fault: 'incompatible_version', batches: [] })
  })

  test('a missing reader there is named by the transport and passed on', async () => {
    writeOpencodeCorpus(here.dataDir, { seed: 1, sessions: 1, messagesPerSession: 1 })
    const machine = here.machine(() => ({ is: 'fault', fault: 'tool_missing', detail: 'neither sqlite3 nor python3' }))
    const result = await machine.collect(opencode)
    expect(result).toMatchObject({
      fault: 'tool_missing',
      detail: expect.stringContaining('neither sqlite3 nor python3'),
    })
    expect(machine.cursors.has(`db:${join(here.dataDir, 'opencode.db')}`)).toBe(false)
  })

  test('a link in place of the database is not followed', async () => {
    mkdirSync(here.dataDir, { recursive: true })
    const { symlinkSync } = await import('node:fs')
    symlinkSync('/etc/passwd', join(here.dataDir, 'opencode.db'))
    expect(await here.machine().collect(opencode)).toMatchObject({ fault: 'bad_output', batches: [] })
  })
})
