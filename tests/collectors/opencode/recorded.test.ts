import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { OPENCODE_SCHEMA } from '../../../bench/corpus/opencode-schema.ts'
import { opencode } from '../../../src/collectors/opencode/index.ts'
import { TestMachine } from './machine.ts'

type Recorded = Record<string, string | number | null>

const recorded = (table: string): Recorded[] =>
  JSON.parse(readFileSync(`tests/fixtures/opencode/sqlite-${table}-1.18.33.json`, 'utf8')).rows

let home = ''
let machine: TestMachine
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'vc-oc-'))
  const dataDir = join(home, '.local/share/opencode')
  mkdirSync(dataDir, { recursive: true })
  const db = new DatabaseSync(join(dataDir, 'opencode.db'))
  // The recording holds the first rows of each table only, so some parts have lost their message.
  db.exec(`${OPENCODE_SCHEMA}; PRAGMA foreign_keys=OFF`)
  for (const table of ['session', 'message', 'part']) {
    const names = db
      .prepare(`SELECT name FROM pragma_table_info('${table}')`)
      .all()
      .map((row) => String(row.name))
    const insert = db.prepare(`INSERT INTO ${table} (${names.join(',')}) VALUES (${names.map(() => '?').join(',')})`)
    for (const row of recorded(table)) {
      const cell = (value: unknown) => (typeof value === 'object' && value !== null ? JSON.stringify(value) : value)
      insert.run(...names.map((name) => cell(row[name] ?? null) as string | number | null))
    }
  }
  db.close()
  machine = new TestMachine({ PATH: process.env.PATH, HOME: home })
  machine.startedAt = new Date('2026-11-20T22:10:00Z')
  await machine.collect(opencode)
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

test('our sums equal the running totals OpenCode 1.18.33 itself keeps per session', () => {
  const totals = machine.totals()
  // The last session of the recording is cut.
  const whole = recorded('session').slice(0, 4)
  expect(whole.length).toBe(4)
  for (const session of whole)
    expect(totals[String(session.id)]).toMatchObject({
      input: session.tokens_input,
      output: Number(session.tokens_output) + Number(session.tokens_reasoning),
      reasoning: session.tokens_reasoning,
      cacheRead: session.tokens_cache_read,
      cacheWrite: session.tokens_cache_write,
    })
})

test("its cost, from the user's own configuration, is kept to the microdollar", () => {
  const [first] = recorded('session')
  const rows = [...machine.usage.values()].filter((row) => row.session_id === first?.id)
  expect(rows.map((row) => [row.cost_microusd, row.price_source])).toEqual([[1400, 'opencode']])
})

test('a sub-agent belongs to its parent, errors keep name and status', () => {
  const child = machine.sessions.get('ses_e05018d23ffeOQ4MLtbx1JjahV')
  expect(child).toMatchObject({
    parent_session_id: 'ses_e0502238bffe9AcLTaAMOLy3n6',
    is_subagent: true,
    model: 'mock-1',
  })
  expect(machine.sessions.get('ses_e0502238bffe9AcLTaAMOLy3n6')?.last_error).toBe('APIError 401')
  expect(machine.everything()).not.toMatch(/Incorrect API key|x-request-id|touch a\.txt|Mock answer/)
})

test('the newest rows tell the state of each session', () => {
  const states = Object.fromEntries(machine.sightings.map((row) => [row.session_id, row.says]))
  expect(states.ses_e050493c9ffeQM9shSUGJjogwU).toBe('turn_finished')
  expect(Object.keys(states)).toHaveLength(5)
})
