import type { CollectContext } from '../../core/collector.ts'
import type { Row } from '../../core/rows.ts'
import { readCodexThreads, type ThreadSighting } from '../agent-evidence/codex-threads.ts'
import { asText } from '../agent-evidence/json.ts'
import { textCell } from '../row-cells.ts'

const TURNS = 'SELECT * FROM thread_turns ORDER BY started_at DESC LIMIT 200'
/** The index is written a moment before or after the first turn. */
const INDEXED_MS = 30_000
const MOST_ASKED = 200

interface ThreadFiles {
  readonly threadDatabases: readonly string[]
  readonly threadIndexes: readonly string[]
}

/** In which directory each of these threads runs; one of a sub-agent is nobody's, its `source` says so in JSON. */
async function directoriesOf(
  ctx: CollectContext,
  indexes: readonly string[],
  threadIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const ids = threadIds.filter((id) => /^[0-9a-f-]{36}$/.test(id)).slice(0, MOST_ASKED)
  const found = new Map<string, string>()
  if (ids.length === 0) return found
  const sql = `SELECT id, cwd, source FROM threads WHERE id IN (${ids.map((id) => `'${id}'`).join(', ')})`
  for (const path of indexes) {
    const answer = await ctx.sqlite(path, sql)
    // The rollout tells the directory too, some seconds later.
    if (answer.is !== 'rows') continue
    for (const row of answer.rows) {
      const [id, cwd] = [asText(row.id), asText(row.cwd)]
      if (id !== null && cwd !== null && !asText(row.source)?.startsWith('{')) found.set(id, cwd)
    }
  }
  return found
}

/** Each thread with its directory, as known from before or as the index says of one that is new. */
async function placed(
  ctx: CollectContext,
  indexes: readonly string[],
  threads: readonly ThreadSighting[],
  known: readonly Row[],
): Promise<readonly ThreadSighting[]> {
  const before = new Map(
    known
      .filter((row) => row.sighting_source === 'codex.threads' && row.gone !== true)
      .map((row) => [row.session_id, textCell(row.cwd)]),
  )
  const isNew = ({ threadId, sighting }: ThreadSighting): boolean =>
    !before.has(threadId) ||
    (before.get(threadId) === null && ctx.startedAt.getTime() - sighting.asOf.getTime() < INDEXED_MS)
  const news = threads.filter(isNew).map(({ threadId }) => threadId)
  const directories = await directoriesOf(ctx, indexes, news)
  return threads.map((thread) => ({
    ...thread,
    cwd: before.get(thread.threadId) ?? directories.get(thread.threadId) ?? null,
  }))
}

/** What Codex's thread history says of each thread, and where it runs. */
export async function codexThreads(
  ctx: CollectContext,
  { threadDatabases, threadIndexes }: ThreadFiles,
  known: readonly Row[],
): Promise<readonly ThreadSighting[]> {
  const found: ThreadSighting[] = []
  for (const path of threadDatabases) {
    const answer = await ctx.sqlite(path, TURNS)
    if (answer.is === 'fault')
      ctx.warn(
        'codex_threads',
        `${path} could not be read: ${answer.detail ?? answer.fault}`,
        'install sqlite3 there, or ignore: titles and rollouts still tell the state',
      )
    if (answer.is !== 'rows') continue
    const threads = readCodexThreads(answer.rows)
    if (answer.rows.length > 0 && threads.length === 0)
      ctx.warn('codex_threads', `${path} has a schema vc does not know`, 'report the Codex version')
    found.push(...threads)
  }
  return placed(ctx, threadIndexes, found, known)
}
