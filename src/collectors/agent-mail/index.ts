import { type CollectContext, type CollectResult, defineCollector } from '../../core/collector.ts'
import { type FoundDatabase, parseFound } from '../database-find.ts'
import { type DatabaseSource, lookAt } from '../database-look.ts'
import { toolVersion } from '../tool-version.ts'
import { FRESH_MAIL, MailState, parseMail } from './parse.ts'
import { flavourOf, MAIL_REQUIRED, MAIL_TABLES, mailSql, PAGE_MESSAGES } from './query.ts'
import { MAIL_FIND } from './script.ts'

const SEARCH_KEY = 'search'
const SEARCH_AGAIN_MS = 6 * 3_600_000
const FULL_AGAIN_MS = 6 * 3_600_000
/** The Rust server's newest version that was compared with its source. */
const TESTED_AM = '0.3.29'
// A commit may come later than the times in it.
const OVERLAP_MS = 60_000

const isFull = (state: MailState, at: Date): boolean => at.getTime() - state.fullMs >= FULL_AGAIN_MS

const SOURCE: DatabaseSource<MailState> = {
  tables: MAIL_TABLES,
  required: MAIL_REQUIRED,
  state: MailState,
  fresh: FRESH_MAIL,
  pageRows: PAGE_MESSAGES,
  sql: (state, columns, { at, rows }) =>
    mailSql(
      {
        lastId: state.lastId,
        changedSinceMs: state.changedMs === null ? null : Math.max(0, state.changedMs - OVERLAP_MS),
        full: isFull(state, at),
        messages: rows,
      },
      columns,
    ),
  parse: (kinds, state, about) => parseMail(kinds, state, isFull(state, about.at), about),
  isDue: (state, at) => state.expiresMs !== null && at.getTime() > state.expiresMs,
}

interface Search {
  readonly atMs: number
  readonly paths: readonly string[]
}

const readSearch = (value: unknown): Search => {
  const { atMs, paths } = (typeof value === 'object' && value !== null ? value : {}) as Partial<Search>
  const sound = typeof atMs === 'number' && Array.isArray(paths) && paths.every((path) => typeof path === 'string')
  return sound ? { atMs, paths } : { atMs: 0, paths: [] }
}

const configured = (ctx: CollectContext): readonly string[] | null =>
  Array.isArray(ctx.options.databases) ? ctx.options.databases.map(String) : null

/** Of several databases the one that is written to is the mailbox; the others are named. */
const newestOf = (ctx: CollectContext, found: readonly FoundDatabase[]): readonly FoundDatabase[] => {
  if (found.length < 2) return found
  const sorted = found.toSorted((a, b) => (b.changedS ?? 0) - (a.changedS ?? 0))
  ctx.warn(
    'several_mail_databases',
    `${ctx.machine.id} has ${found.length} Agent Mail databases; read is the newest, ${sorted[0]?.path}, not ${sorted[1]?.path}`,
    'name those to read in [collectors.agent_mail] databases = ["…"]',
  )
  return sorted.slice(0, 1)
}

const collect = async (ctx: CollectContext): Promise<CollectResult> => {
  const named = configured(ctx)
  const search = readSearch(ctx.cursors.get(SEARCH_KEY))
  const searches = named === null && ctx.startedAt.getTime() - search.atMs >= SEARCH_AGAIN_MS
  const paths = named ?? search.paths
  const answer = await ctx.run({ script: MAIL_FIND, args: [searches ? '1' : '0', ...paths], maxBytes: 65_536 })
  if (answer.fault !== null) return { batches: [], fault: answer.fault, detail: answer.detail }
  const all = parseFound(answer.stdout)
  if (all === null) return { batches: [], fault: 'bad_output', detail: 'no closing line from the search' }
  const wanted = named === null ? newestOf(ctx, all) : all.filter(({ path }) => named.includes(path))
  const learned = { key: SEARCH_KEY, value: { atMs: ctx.startedAt.getTime(), paths: all.map(({ path }) => path) } }
  const cursors = searches ? [learned] : []
  if (wanted.length === 0) return { batches: [], cursors, detail: 'no Agent Mail database here' }
  const looks = await Promise.all(wanted.map((one) => lookAt(ctx, one, SOURCE)))
  const tool = await toolVersion(ctx, 'am', TESTED_AM)
  const faulty = looks.find(({ fault }) => fault !== null)
  const flavour = looks.map(({ columns }) => columns).find((columns) => columns.length > 0)
  return {
    batches: looks.flatMap(({ batches }) => batches),
    cursors: [...cursors, ...tool.cursors, ...looks.flatMap((look) => look.cursors)],
    fault: faulty?.fault ?? null,
    detail: faulty?.detail ?? looks.find(({ detail }) => detail !== null)?.detail ?? null,
    partial: faulty !== undefined && looks.some(({ batches }) => batches.length > 0),
    // The database names no program version: which of the two programs wrote it is all it says.
    ...(flavour === undefined ? {} : { sourceVersion: tool.version ?? flavourOf(flavour) }),
  }
}

export const agentMail = defineCollector({
  name: 'agent_mail',
  version: '1.0.0',
  schemaVersion: 1,
  tables: ['mail_messages', 'mail_recipients', 'mail_file_reservations'],
  interval: { localS: 120, remoteS: 120 },
  timeoutMs: 60_000,
  needs: [],
  tested: { am: TESTED_AM },
  reads: { files: ['storage.sqlite3 of the mail server, read-only'] },
  about:
    'Mail between agents, who has read and acknowledged it, and reserved files, from the database of MCP Agent Mail (Python or Rust), read-only; a body is counted and hashed, not kept',
  collect,
})
