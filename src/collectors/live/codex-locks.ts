import type { CollectContext } from '../../core/collector.ts'
import type { Row } from '../../core/rows.ts'
import { decodeUtf8 } from '../../core/text.ts'
import type { ThreadSighting } from '../agent-evidence/codex-threads.ts'
import { sighting } from '../agent-evidence/sighting.ts'
import { timeOf } from '../row-cells.ts'
import { sh } from '../sh.ts'
import { startTicksOf } from './parse.ts'
import { type ProcessRoot, rootOf } from './process-root.ts'
import { sightingRow } from './rows.ts'

/**
 * "$1".."$n": pids of Codex. Whoever runs a thread keeps its lock open, and makes the lock anew when it takes the thread up:
 * `P <pid> <stat line>`, then `T <epoch s> <thread>` for each, taken up last first. Linux only; elsewhere it prints nothing.
 */
const LOCKS_SCRIPT = sh`# vc:ask live.codex
for p in "$@"; do
  [ -O "/proc/$p/fd" ] && [ -r "/proc/$p/stat" ] || continue
  printf 'P %s ' "$p"; head -c 4096 "/proc/$p/stat" 2>/dev/null | tr -d '\n'; printf '\n'
  ls -l "/proc/$p/fd" 2>/dev/null | sed -n 's|^.* -> \(/.*/thread-writer-locks/[0-9a-f-]*\.lock\)$|\1|p' | (
    set --
    while IFS= read -r lock; do set -- "$@" "$lock"; done
    [ $# -gt 0 ] && ls -1td -- "$@" 2>/dev/null | while IFS= read -r lock; do
      id=\${lock##*/}; printf 'T %s %s\n' "$(stat -c %Y -- "$lock" 2>/dev/null)" "\${id%.lock}"
    done
  )
done
exit 0
`

const MOST_PIDS = 50

interface OpenThread {
  readonly id: string
  readonly takenMs: number
}

/** A running Codex and the threads it has open, taken up last first. */
export interface LockHolder {
  readonly pid: number
  readonly startTicks: number | null
  readonly threads: readonly OpenThread[]
}

interface Client {
  readonly root: ProcessRoot
  readonly threads: readonly OpenThread[]
}

const WORD = { tier: 'live', source: 'codex.locks', says: 'unknown', rule: 'thread', version: '0.169' } as const

/** What the script printed. */
function parseLocks(output: string): readonly LockHolder[] {
  const holders: (LockHolder & { readonly threads: OpenThread[] })[] = []
  for (const line of output.split('\n')) {
    const named = /^P (\d+) (.*)$/.exec(line)
    if (named) holders.push({ pid: Number(named[1]), startTicks: startTicksOf(named[2] ?? ''), threads: [] })
    const [, takenS, id] = /^T (\d{1,12}) ([0-9a-f-]{36})$/.exec(line) ?? []
    if (id !== undefined) holders.at(-1)?.threads.push({ id, takenMs: Number(takenS) * 1000 })
  }
  return holders
}

const runsNow = async (ctx: CollectContext): Promise<readonly Row[]> =>
  (await ctx.known('latest_agent_processes')).filter(
    (row) => row.cli === 'codex' && row.gone !== true && Number.isSafeInteger(row.pid),
  )

const pidsOf = (rows: readonly Row[]): readonly number[] =>
  [...new Set(rows.map((row) => Number(row.pid)))].sort((a, b) => a - b).slice(0, MOST_PIDS)

/** Which Codexes run, as last committed: background servers, and all others. */
export async function codexPids(ctx: CollectContext): Promise<{ readonly servers: string; readonly clients: string }> {
  const rows = await runsNow(ctx)
  const isServer = (row: Row): boolean => row.detached === true
  return {
    servers: pidsOf(rows.filter(isServer)).join(' '),
    clients: pidsOf(rows.filter((row) => !isServer(row))).join(' '),
  }
}

/** Which of these Codexes has which threads open. */
export async function askLocks(ctx: CollectContext, pids: readonly string[]): Promise<readonly LockHolder[]> {
  if (pids.length === 0) return []
  const answer = await ctx.run({
    script: LOCKS_SCRIPT,
    args: pids,
    timeoutMs: ctx.machine.local ? 1_500 : 15_000,
    maxBytes: 1_000_000,
  })
  return answer.fault === null ? parseLocks(decodeUtf8(answer.stdout)) : []
}

/** Process starts are known to the second. */
const CLOCK_MS = 1_000

/** Which threads each Codex has open. A background server has them open for its clients: where only one runs, they are that one's. */
function byClient(holders: readonly LockHolder[], processes: readonly Row[]): readonly Client[] {
  const own = holders.flatMap(({ threads, ...holder }) => {
    const root = rootOf(holder, processes)
    const row = processes.find(({ pid, root_pid }) => pid === root?.pid && pid === root_pid)
    return root === null || row === undefined ? [] : [{ root, threads, row }]
  })
  const servers = own.filter(({ row }) => row.detached === true)
  const clients = own.filter(({ row }) => row.detached !== true)
  const without = new Map(clients.map((one) => [one.root.pid, one]))
  for (const { root, threads } of clients) if (threads.length > 0) without.delete(root.pid)
  const [lone, ...more] = without.values()
  const [server, ...others] = servers
  if (lone === undefined || server === undefined || more.length + others.length > 0) return clients
  const sinceMs = (timeOf(lone.row.started_at) ?? Number.POSITIVE_INFINITY) - CLOCK_MS
  const threads = server.threads.filter(({ takenMs }) => takenMs >= sinceMs)
  return [...clients.filter(({ root }) => root.pid !== lone.root.pid), { ...lone, threads }]
}

/**
 * The thread that a Codex shows: the last it took up. Sub-agents have theirs open, too: the index knows no directory for them,
 * and one that nobody has told of yet may be theirs while a turn is under way.
 */
const shownThread = (
  { threads }: Client,
  told: ReadonlyMap<string, ThreadSighting>,
  before: unknown,
): string | undefined => {
  const works = threads.some(({ id }) => told.get(id)?.sighting.says === 'working')
  const isShown = (id: string): boolean => {
    const thread = told.get(id)
    return id === before || (thread === undefined ? !works : thread.cwd !== null)
  }
  return threads.find(({ id }) => isShown(id))?.id
}

/** Which thread each running Codex shows, also before its first prompt. Says nothing of states. */
export async function shownRows(
  ctx: CollectContext,
  holders: readonly LockHolder[],
  told: readonly ThreadSighting[],
  known: readonly Row[],
): Promise<readonly Row[]> {
  const byId = new Map(told.map((thread) => [thread.threadId, thread]))
  const said = sighting({ ...WORD, asOf: ctx.startedAt })
  return byClient(holders, await runsNow(ctx)).flatMap((client) => {
    const before = known.find((row) => row.sighting_source === WORD.source && Number(row.pid) === client.root.pid)
    const sessionId = shownThread(client, byId, before?.session_id)
    return sessionId === undefined ? [] : [sightingRow('codex', said, { ...client.root, sessionId })]
  })
}
