import { execFileSync, spawnSync } from 'node:child_process'
import { lstatSync, readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { SessionTruth } from '../../../bench/corpus/session-truth.ts'
import type { FileStat, RangeAnswer, RangeRequest, SqliteAnswer } from '../../../src/core/ask.ts'
import type { CollectContext, Collector, CollectResult } from '../../../src/core/collector.ts'
import type { Row } from '../../../src/core/rows.ts'
import { openAsker } from '../../../src/transport/asker.ts'
import { createJobIo } from '../../../src/transport/workers/job-io.ts'
import { shMachine } from '../../transport/sh-machine.ts'
import { runInShell } from '../shell-context.ts'

export type Sqlite = (path: string, sql: string) => SqliteAnswer

const failed = (error: unknown): SqliteAnswer => ({
  is: 'fault',
  fault: 'bad_output',
  detail: error instanceof Error ? error.message : String(error),
})

export const withNode: Sqlite = (path, sql) => {
  try {
    const db = new DatabaseSync(path, { readOnly: true })
    try {
      return { is: 'rows', rows: db.prepare(sql).all() }
    } finally {
      db.close()
    }
  } catch (error) {
    return failed(error)
  }
}

export const withSqlite3: Sqlite = (path, sql) => {
  const ran = spawnSync('sqlite3', ['-readonly', '-json', path], { input: sql, encoding: 'utf8', maxBuffer: 1 << 28 })
  if (ran.status !== 0) return failed(ran.stderr)
  return { is: 'rows', rows: ran.stdout.trim() === '' ? [] : JSON.parse(ran.stdout) }
}

const PYTHON = `import json,sqlite3,sys
db=sqlite3.connect('file:'+sys.argv[1]+'?mode=ro',uri=True); db.row_factory=sqlite3.Row
print(json.dumps([dict(r) for r in db.execute(sys.stdin.read())]))`

export const withPython: Sqlite = (path, sql) => {
  const ran = spawnSync('python3', ['-c', PYTHON, path], { input: sql, encoding: 'utf8', maxBuffer: 1 << 28 })
  return ran.status === 0 ? { is: 'rows', rows: JSON.parse(ran.stdout) } : failed(ran.stderr)
}

/** True when the program is here; under VC_TEST_STRICT its absence is a failure with its name. */
export const have = (program: string): boolean => {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' })
    return true
  } catch {
    if (process.env.VC_TEST_STRICT === '1') throw new Error(`this test needs ${program}`)
    return false
  }
}

const statOf = (path: string): FileStat => {
  try {
    const found = lstatSync(path)
    const is = found.isFile() ? 'file' : found.isDirectory() ? 'dir' : found.isSymbolicLink() ? 'link' : 'other'
    return { path, is, inode: String(found.ino), size: found.size, mtimeMs: found.mtimeMs }
  } catch {
    return { path, is: 'missing' }
  }
}

const rangeOf = (request: RangeRequest): RangeAnswer => {
  try {
    const all = readFileSync(request.path)
    const bytes = new Uint8Array(all.subarray(request.offset, request.offset + request.maxBytes))
    return { is: 'bytes', bytes, inode: '1', size: all.length }
  } catch {
    return { is: 'missing' }
  }
}

/** A machine, its cursors and a ledger that merges like the store: same message once, the largest usage wins. */
export class TestMachine {
  readonly cursors = new Map<string, unknown>()
  readonly usage = new Map<string, Row>()
  readonly sessions = new Map<unknown, Row>()
  sightings: readonly Row[] = []
  readonly warnings: string[] = []
  bytes = 0
  shell: ReturnType<typeof shMachine> | null = null
  queries: string[] = []
  ranges: string[] = []
  known: Record<string, readonly Row[]> = {}
  asked = 0
  startedAt = new Date('2026-11-20T12:00:00Z')
  options: Record<string, unknown> = {}
  readonly #env: NodeJS.ProcessEnv
  readonly #sqlite: Sqlite

  constructor(env: NodeJS.ProcessEnv, sqlite: Sqlite = withNode) {
    this.#env = env
    this.#sqlite = sqlite
  }

  /** On this machine, files and databases read in process. */
  collect(collector: Collector): Promise<CollectResult> {
    return this.#run(collector, this.#context())
  }

  /** As an ssh machine: everything travels as framed scripts through the real asker and a real shell. */
  async collectRemotely(collector: Collector): Promise<CollectResult> {
    const env = Object.fromEntries(Object.entries(this.#env).filter((entry): entry is [string, string] => !!entry[1]))
    const asker = openAsker({ executor: this.shell ?? shMachine({ env }), local: false })
    const run = asker.beginRun()
    const { run: ask, stat, readRange, sqlite } = run
    const machine = { id: 'atlas', local: false, os: null, tools: null }
    try {
      return await this.#run(collector, { ...this.#context(), machine, run: ask, stat, readRange, sqlite })
    } finally {
      this.bytes = run.meter.bytes
      run.end()
    }
  }

  async #run(collector: Collector, ctx: CollectContext): Promise<CollectResult> {
    const result = await collector.collect(ctx)
    for (const batch of result.batches) this.#keep(batch.table, batch.rows)
    // Through JSON, as the store keeps them.
    for (const { key, value } of result.cursors ?? [])
      if (value === null) this.cursors.delete(key)
      else this.cursors.set(key, JSON.parse(JSON.stringify(value)))
    return result
  }

  /** Per session, as the corpora state it. */
  totals(): Record<string, SessionTruth> {
    const totals: Record<string, SessionTruth> = {}
    for (const row of this.usage.values()) {
      const id = String(row.session_id)
      const sum = totals[id] ?? {
        messages: 0,
        input: 0,
        output: 0,
        cacheRead: 0,
        cacheWrite: 0,
        reasoning: 0,
        total: 0,
      }
      totals[id] = {
        messages: sum.messages + 1,
        input: sum.input + Number(row.input_tokens),
        output: sum.output + Number(row.output_tokens),
        cacheRead: sum.cacheRead + Number(row.cache_read_tokens),
        cacheWrite: sum.cacheWrite + Number(row.cache_write_5m_tokens) + Number(row.cache_write_1h_tokens),
        reasoning: sum.reasoning + Number(row.reasoning_tokens),
        total: sum.total + Number(row.total_tokens),
      }
    }
    return totals
  }

  /** Everything this machine would have committed, as text to search. */
  everything(): string {
    return JSON.stringify([
      [...this.usage.values()],
      [...this.sessions.values()],
      this.sightings,
      [...this.cursors],
      this.warnings,
    ])
  }

  #keep(table: string, rows: readonly Row[]): void {
    if (table === 'agent_sightings') this.sightings = rows
    for (const row of rows) {
      if (table === 'agent_usage') this.#merge(row)
      if (table === 'agent_sessions')
        this.sessions.set(row.session_id, { ...this.sessions.get(row.session_id), ...row })
    }
  }

  #merge(row: Row): void {
    const key = `${row.provider}\n${row.message_key}`
    const before = this.usage.get(key)
    const larger = (name: string): number => Number(row[name]) - Number(before?.[name] ?? -1)
    const wins =
      before === undefined ||
      larger('output_tokens') > 0 ||
      (larger('output_tokens') === 0 && larger('total_tokens') > 0)
    if (wins) this.usage.set(key, before === undefined ? row : { ...row, session_id: before.session_id ?? null })
  }

  #context(): CollectContext {
    return {
      machine: { id: 'atlas', local: true, os: null, tools: null },
      startedAt: this.startedAt,
      cursors: this.cursors,
      options: this.options,
      run: (ask) => {
        this.asked += 1
        return runInShell(ask, this.#env)
      },
      known: async (table) => (table === 'agent_sessions' ? [...this.sessions.values()] : (this.known[table] ?? [])),
      stat: async (paths) => paths.map(statOf),
      readRange: async (request) => {
        this.ranges.push(request.path)
        return rangeOf(request)
      },
      sqlite: async (path, sql) => {
        this.queries.push(sql)
        return this.#sqlite(path, sql)
      },
      mysql: () => Promise.reject(new Error('no server here')),
      work: async (job, payload) => {
        const { run } = await import(job.href)
        const home = this.#env.HOME ?? ''
        const io = createJobIo({ home, env: this.#env })
        // Cloned like on the way into and out of a worker.
        return structuredClone(await run(structuredClone(payload), io))
      },
      progress: () => {},
      warn: (code, message) => void this.warnings.push(`${code}: ${message}`),
    }
  }
}
