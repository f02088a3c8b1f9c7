import type { SqliteAnswer } from '../core/ask.ts'
import { querySqlite, type SqliteJob } from './sqlite.ts'

/** Job of the worker pool: SQLite's calls are synchronous and would hold up every machine. */
export const run = (payload: unknown): SqliteAnswer => querySqlite(payload as SqliteJob)
