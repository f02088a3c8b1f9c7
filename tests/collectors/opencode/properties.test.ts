import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { OPENCODE_SCHEMA } from '../../../bench/corpus/opencode-schema.ts'
import { opencode } from '../../../src/collectors/opencode/index.ts'
import { parseOpencodePage, sessionFact } from '../../../src/collectors/opencode/parse.ts'
import { sqlText } from '../../../src/collectors/opencode/query.ts'
import { TestMachine } from './machine.ts'

const NOW_MS = Date.UTC(2026, 10, 20, 12)

type Step =
  | { readonly do: 'begin'; readonly id: number; readonly atMs: number }
  | { readonly do: 'end'; readonly id: number; readonly atMs: number; readonly input: number; readonly output: number }
  | { readonly do: 'look' }

const inHome = async (work: (dataDir: string, db: DatabaseSync) => Promise<void>): Promise<void> => {
  const home = mkdtempSync(join(tmpdir(), 'vc-ocp-'))
  const dataDir = join(home, '.local/share/opencode')
  mkdirSync(dataDir, { recursive: true })
  const db = new DatabaseSync(join(dataDir, 'opencode.db'))
  try {
    db.exec(`PRAGMA journal_mode=WAL; ${OPENCODE_SCHEMA}`)
    db.exec(`INSERT INTO session (id, project_id, slug, directory, title, version, time_created, time_updated)
      VALUES ('s', 'p', '', '/home/dev', '', '1', ${NOW_MS}, ${NOW_MS})`)
    await work(home, db)
  } finally {
    db.close()
    rmSync(home, { recursive: true, force: true })
  }
}

const play = (db: DatabaseSync, step: Step): void => {
  if (step.do === 'look') return
  const id = `msg_${step.id}`
  const data = { role: 'assistant', providerID: 'mock', modelID: 'm', time: { created: step.atMs } }
  db.prepare('INSERT OR IGNORE INTO message VALUES (?, ?, ?, ?, ?)').run(
    id,
    's',
    step.atMs,
    step.atMs,
    JSON.stringify(data),
  )
  if (step.do === 'begin') return
  const done = { ...data, finish: 'stop', tokens: { input: step.input, output: step.output } }
  db.prepare('UPDATE message SET time_updated = ?, data = ? WHERE id = ?').run(step.atMs, JSON.stringify(done), id)
}

test('however looks and changes alternate, the last look knows what one look at the end knows', async () => {
  const id = fc.integer({ min: 0, max: 9 })
  // Times jump back and forth within the overlap, and may lie ahead of now.
  const atMs = fc.integer({ min: NOW_MS - 60_000, max: NOW_MS + 60_000 })
  // Bigger reports only: the ledger keeps the largest.
  const end = fc.record({ do: fc.constant('end' as const), id, atMs, input: fc.constant(5), output: fc.constant(7) })
  const begin = fc.record({ do: fc.constant('begin' as const), id, atMs })
  const look = fc.constant({ do: 'look' as const })
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(begin, end, look), { maxLength: 25 }), async (steps: readonly Step[]) => {
      await inHome(async (home, db) => {
        const often = new TestMachine({ PATH: process.env.PATH, HOME: home })
        for (const step of steps) {
          play(db, step)
          if (step.do === 'look') await often.collect(opencode)
        }
        await often.collect(opencode)
        const once = new TestMachine({ PATH: process.env.PATH, HOME: home })
        await once.collect(opencode)
        expect(often.totals()).toEqual(once.totals())
        expect(once.usage.size).toBe(new Set(steps.flatMap((step) => (step.do === 'end' ? [step.id] : []))).size)
      })
    }),
    { numRuns: 25 },
  )
})

test('rows of any shape never throw, and what is counted is whole numbers', () => {
  const cell = fc.oneof(fc.anything(), fc.bigInt(), fc.double(), fc.constant(NOW_MS))
  const names = [
    ...['id', 'session_id', 'time_created', 'time_updated', 'role', 'finish', 'created', 'completed', 'error_name'],
    ...['provider', 'model', 'cwd', 'cost', 'input', 'output', 'reasoning', 'cache_read', 'cache_write', 'summary'],
    ...['known_session', 'parent_id', 'directory', 'version', 'session_created', 'session_updated', 'error_text'],
  ]
  const wild = fc.dictionary(fc.constantFrom(...names), cell)
  const row = wild.map((over) => ({
    ...{ id: 'm', session_id: 's', known_session: 's', time_updated: NOW_MS, created: NOW_MS, sound: 1 },
    ...{ role: 'assistant', finish: 'stop' },
    ...over,
  }))
  fc.assert(
    fc.property(fc.array(row, { maxLength: 6 }), (rows) => {
      const page = parseOpencodePage(rows, rows)
      expect(page.messages.length + page.unreadable).toBe(rows.length)
      for (const session of page.sessions.values()) sessionFact(session, page.messages)
      for (const { usage } of page.messages) {
        if (usage === null) continue
        for (const count of [usage.inputTokens, usage.outputTokens, usage.cacheReadTokens, usage.cacheWrite5mTokens])
          expect(Number.isSafeInteger(count) && count >= 0).toBe(true)
        expect(Number.isSafeInteger(usage.costMicrousd ?? 0)).toBe(true)
      }
    }),
    { numRuns: 300 },
  )
})

test('no id can end the text it stands in', () => {
  const db = new DatabaseSync(':memory:')
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (id) => {
      const sql = sqlText(id)
      expect(sql).toMatch(/^CAST\(x'[0-9a-f]*' AS TEXT\)$/)
      if (!id.includes('\0')) expect(db.prepare(`SELECT ${sql} AS id`).get()?.id).toBe(Buffer.from(id).toString())
    }),
  )
  db.close()
})
