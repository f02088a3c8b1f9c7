import * as z from 'zod'
import { EXIT, type ExitCode, VcError } from '../core/errors.ts'
import type { ChildEnd, JobRunner, RunningChild } from '../core/job-runner.ts'
import { ownModule } from '../core/own-files.ts'
import type { Plain } from './convert.ts'
import { DB_THREADS } from './db-threads.ts'

export interface QueryLimits {
  readonly maxRows: number
  readonly maxBytes: number
  readonly wallMs: number
  /** What the engine may plan with. */
  readonly memoryMb: number
  /** What the whole child may hold before it is killed: a single value is not bounded by `memoryMb`. */
  readonly maxRssBytes: number
  readonly threads: number
}

const MB = 1_048_576

export const QUERY_LIMITS: QueryLimits = {
  maxRows: 10_000,
  maxBytes: 64 * MB,
  wallMs: 30_000,
  memoryMb: 1024,
  maxRssBytes: 1536 * MB,
  threads: DB_THREADS,
}

export interface QueryColumn {
  readonly name: string
  readonly type: string
}

export interface QueryEnd {
  readonly rows: number
  /** Which cap cut the answer, or null when it is whole. */
  readonly truncated: 'rows' | 'bytes' | null
}

export interface QuerySink {
  /** How NaN and ∞ come, also within lists: by name, or as null, which is what a value of JSON can be. Default: by name. */
  readonly notFinite?: 'name' | 'null'
  columns(columns: readonly QueryColumn[]): void
  row(values: readonly Plain[]): void
}

const Done = z.object({ rows: z.number(), truncated: z.enum(['rows', 'bytes']).nullable() })
const Failed = z.object({ code: z.string(), message: z.string(), fix: z.string(), exit: z.number() })

interface Line {
  readonly columns?: readonly QueryColumn[]
  readonly row?: readonly Plain[]
  readonly done?: unknown
}

const ENTRY = ownModule('store/query-child')

/** Runs one guarded question on a database nobody writes to. Throws VcError; rows that came before it were handed over. */
export const runQuery = async (
  jobs: JobRunner,
  question: { readonly dbPath: string; readonly sql: string; readonly limits: QueryLimits },
  sink: QuerySink,
): Promise<QueryEnd> => {
  const { limits, dbPath, sql } = question
  const { maxRows, maxBytes, memoryMb, threads } = limits
  const child = jobs.start({
    entry: ENTRY,
    input: { dbPath, sql, maxRows, maxBytes, memoryMb, threads, notFinite: sink.notFinite ?? 'name' },
    wallMs: limits.wallMs,
    maxRssBytes: limits.maxRssBytes,
    maxOutputBytes: maxBytes + 16 * MB,
  })
  let end: QueryEnd | null = null
  for await (const given of linesOf(child)) {
    const line = given as Line
    if (line.row) sink.row(line.row)
    else if (line.columns) sink.columns(line.columns)
    else end = Done.parse(line.done)
  }
  const report = await child.ended
  if (end !== null) return end
  throw endError(report.end, report.stderr)
}

/**
 * What a child says, line by line. Throws the error it spoke of, but only once it has ended: until then it has the file open, and
 * whoever comes next would be refused.
 */
export async function* linesOf(child: RunningChild): AsyncIterable<unknown> {
  let failed: unknown
  for await (const text of child.lines) {
    const line: unknown = JSON.parse(text)
    if (typeof line === 'object' && line !== null && 'error' in line) failed = line.error
    else yield line
  }
  if (failed === undefined) return
  await child.ended
  throw childFailure(failed)
}

/** The error a child spoke of, as it was meant. */
const childFailure = (given: unknown): VcError => {
  const { code, message, fix, exit } = Failed.parse(given)
  return new VcError(code, message, fix, { exitCode: exit as ExitCode })
}

const megabytes = (bytes: number): string => `${Math.round(bytes / MB)} MB`

// One value of hundreds of megabytes ends the process from within, before the watchdog sees it grow.
const V8_FULL = /^FATAL ERROR: .*out of memory/m

const tooMuchMemory = (took: string): VcError =>
  new VcError(
    'query_memory',
    `the query took ${took} and was ended`,
    'aggregate earlier, ask for a shorter time range, or build smaller lists and strings',
    { exitCode: EXIT.refused },
  )

const endError = (end: ChildEnd, stderr: string): VcError => {
  switch (end.is) {
    case 'timeout':
      return new VcError(
        'query_timeout',
        `the query ran longer than ${end.wallMs / 1000} s and was ended`,
        'ask for a shorter time range, or allow more: --timeout <seconds>',
        { exitCode: EXIT.timedOut },
      )
    case 'memory':
      return tooMuchMemory(`${megabytes(end.rssBytes)} of memory (${megabytes(end.maxRssBytes)} are allowed)`)
    case 'output':
      return new VcError(
        'query_output',
        `the answer passed ${megabytes(end.maxOutputBytes)} and was ended`,
        'select fewer columns or rows',
        { exitCode: EXIT.refused },
      )
    default:
      if (V8_FULL.test(stderr)) return tooMuchMemory('more memory than one process may have')
      return new VcError(
        'query_child',
        `the query process ended without an answer: ${endText(end, stderr)}`,
        'try again; report it when it stays',
      )
  }
}

/** How a child ended, for a sentence. */
export const endText = (end: ChildEnd, stderr: string): string => {
  const said = stderr === '' ? '' : `: ${stderr.slice(-300)}`
  if (end.is === 'exit') return `exit ${end.code}${said}`
  if (end.is === 'signal')
    return `${end.signal}${end.signal === 'SIGKILL' ? ' (perhaps the machine ran out of memory)' : said}`
  return end.is === 'lost' ? end.detail : end.is
}
